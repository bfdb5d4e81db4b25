using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>What a person has set on the what-if page, against what is in force.</summary>
internal sealed class WhatIfForm
{
    private static readonly JsonSerializerOptions Written = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public WhatIfForm(double threshold, double comfort, int movesAtOnce, long bytesPerSecond, string? plan, double quantile = 0.9, double horizonHours = 24)
    {
        (WasQuantile, WasHorizon) = ((int)Math.Round(100 * quantile), horizonHours);
        (QuantilePercent, HorizonHours) = (WasQuantile, WasHorizon);
        (WasThreshold, WasComfort, WasMoves, WasMegabytes, Plan) = (threshold, (int)Math.Round(100 * comfort), movesAtOnce, bytesPerSecond / 1e6, plan);
        (Threshold, ComfortPercent, MovesAtOnce, Megabytes) = (WasThreshold, WasComfort, WasMoves, WasMegabytes);
    }

    public double WasThreshold { get; }

    public int WasComfort { get; }

    public int WasMoves { get; }

    public double WasMegabytes { get; }

    public int WasQuantile { get; }

    public double WasHorizon { get; }

    public string? Plan { get; }

    public int Days { get; set; } = 7;

    /// <summary>"" for all, "-n6" without it, "+1" for one more.</summary>
    public string Nodes { get; set; } = "";

    public int ComfortPercent { get; set; }

    /// <summary>Quantile of the forecast that is planned for, 50..99 %.</summary>
    public int QuantilePercent { get; set; }

    /// <summary>Planning horizon, 1..48.</summary>
    public double HorizonHours { get; set; }

    /// <summary>mcore.</summary>
    public double Threshold { get; private set; }

    /// <summary>Ends of the slider, natural logarithms: thresholds differ by orders of magnitude.</summary>
    public double Lowest => Math.Log(WasThreshold / 8);

    public double Highest => Math.Log(WasThreshold * 8);

    /// <summary>Place of the threshold on the slider; near the present one it snaps to it.</summary>
    public double ThresholdPlace
    {
        get => Math.Log(Threshold);
        set => Threshold = Math.Abs(value - Math.Log(WasThreshold)) < 0.06 ? WasThreshold : Rounded(Math.Exp(value));
    }

    public double Traffic { get; set; } = 1;

    public double Megabytes { get; set; }

    public int MovesAtOnce { get; set; }

    public string Pins { get; set; } = "";

    public bool Foresight { get; set; }

    /// <summary>Sets what a run was asked with, so that it can be changed and replayed.</summary>
    public void Take(WhatIfChange change)
    {
        (Days, Traffic, Foresight, Pins) = (change.Days, change.Traffic, change.Foresight, string.Join(", ", change.Pinned));
        Nodes = change.Without.Count > 0 ? $"-{change.Without[0]}" : change.Added > 0 ? $"+{change.Added}" : "";
        Threshold = change.ThresholdMillicores ?? WasThreshold;
        ComfortPercent = change.ComfortZone is { } zone ? (int)Math.Round(100 * zone) : WasComfort;
        QuantilePercent = change.Quantile is { } quantile ? (int)Math.Round(100 * quantile) : WasQuantile;
        HorizonHours = change.HorizonHours ?? WasHorizon;
        MovesAtOnce = change.MovesAtOnce ?? WasMoves;
        Megabytes = change.ClusterBytesPerSecond / 1e6 ?? WasMegabytes;
    }

    /// <summary>The change, or what is wrong with the form.</summary>
    public (WhatIfChange? Change, string? Problem) Read()
    {
        var words = Pins.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries);
        var pins = new List<int>();
        foreach (var word in words)
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var segment))
            {
                return (null, $"Pinned segments: \"{word}\" is no segment; write numbers, \"414, 611\".");
            }

            pins.Add(segment);
        }

        return (new WhatIfChange
        {
            Days = Days,
            ThresholdMillicores = Threshold != WasThreshold ? Threshold : null,
            ComfortZone = ComfortPercent != WasComfort ? ComfortPercent / 100.0 : null,
            Quantile = QuantilePercent != WasQuantile ? QuantilePercent / 100.0 : null,
            HorizonHours = HorizonHours != WasHorizon ? HorizonHours : null,
            Traffic = Traffic,
            MovesAtOnce = MovesAtOnce != WasMoves ? MovesAtOnce : null,
            ClusterBytesPerSecond = Megabytes != WasMegabytes ? (long)(Megabytes * 1e6) : null,
            Without = Nodes.StartsWith('-') ? [Nodes[1..]] : [],
            Added = Nodes.StartsWith('+') ? int.Parse(Nodes, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0,
            Pinned = pins,
            Foresight = Foresight,
            Plan = Plan,
        }, null);
    }

    /// <summary>The change as the body of REST's call.</summary>
    public string Json() => Read().Change is { } change ? JsonSerializer.Serialize(change, Written) : "{}";

    private static double Rounded(double value)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        return Math.Round(value / unit) * unit;
    }
}
