using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Controls;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Does anything need me, and when?</summary>
public sealed partial class OverviewPage
{
    private Overview? overview;
    private ChartModel? fan;
    private StripModel? strips;

    private double Comfort => Nodes.SelectMany(n => n.Dimensions).Where(d => d.Name == "cpu").Select(d => d.ComfortZone).DefaultIfEmpty(0.7).First();

    private ShardRow? Crossing => Shards.Where(s => s.CrossesAt is not null).OrderBy(s => s.CrossesAt).FirstOrDefault();

    private string Quiet => overview is { PeakNode.Length: > 0 } o ? $"Next peak {Show.Percent(o.PeakRatio)} on {o.PeakNode} at {Zone.Clock(o.PeakAt)}." : "No forecast yet.";

    private string StripSpan
    {
        get
        {
            var times = overview?.Strips.Times ?? [];
            var now = Queries.Summary().Now;
            return times.Count == 0 ? "no history yet" : $"{Show.Duration(now - times[0])} back and {Show.Duration(times[^1] - now)} ahead";
        }
    }

    private string ComfortWords
    {
        get
        {
            var over = Nodes.Where(n => n.Dimensions.Any(d => d.Peak > d.ComfortZone)).Select(n => n.Name).ToArray();
            return over.Length == 0 ? "All nodes stay inside their comfort zone in every dimension." : $"{string.Join(", ", over)} {(over.Length == 1 ? "leaves its" : "leave their")} comfort zone within the planning horizon.";
        }
    }

    private RenderFragment Answer => builder =>
    {
        if (overview is null)
        {
            builder.AddContent(0, "Reading the cluster.");
            return;
        }

        var now = Queries.Summary().Now;
        var plan = overview.Needs.FirstOrDefault(n => n.Kind == "plan");
        if (Crossing is { } shard)
        {
            builder.AddContent(1, overview.Needs.Count > 0 ? $"{Show.Sentence(Show.Word(overview.Needs.Count))} {(overview.Needs.Count == 1 ? "thing needs" : "things need")} you: " : "Ahead: ");
            builder.OpenElement(2, "b");
            builder.AddContent(3, $"{shard.Id} passes its sharding threshold at {Zone.When(shard.CrossesAt, now)}");
            builder.CloseElement();
            builder.AddContent(4, shard.CrossesAt > now ? $", in {Show.Duration(shard.CrossesAt!.Value - now)}. " : ". ");
        }
        else if (overview.Needs.Count > 0)
        {
            builder.AddContent(5, $"{Show.Sentence(Show.Word(overview.Needs.Count))} {(overview.Needs.Count == 1 ? "thing needs" : "things need")} you: ");
            builder.OpenElement(6, "b");
            builder.AddContent(7, overview.Needs[0].Title);
            builder.CloseElement();
            builder.AddContent(8, ". ");
        }
        else
        {
            builder.AddContent(9, $"Nothing needs you. {Quiet}");
        }

        if (plan is not null)
        {
            builder.AddContent(10, "A plan is ready. ");
            builder.OpenElement(11, "a");
            builder.AddAttribute(12, "href", plan.Link);
            builder.AddContent(13, plan.Action);
            builder.CloseElement();
        }
    };

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        overview = await Queries.OverviewAsync(cancellation);
        TakeFleet();
        var now = Queries.Summary().Now;
        var fleet = overview.Fleet;
        fan = ChartModels.Fan(fleet, now, $"{now.ToUnixTimeSeconds() / 30}|{fleet.ForecastTimes.FirstOrDefault().ToUnixTimeSeconds()}|{fleet.Times.Count}", FleetWords(fleet), fleet.Unit == "mcore" ? "cores" : fleet.Unit, fleet.Unit == "mcore" ? 1000 : 1) with
        {
            Spans = Crossing is { CrossesAt: { } from, PeakAt: { } peak } c
                ? [new ChartSpan(from.ToUnixTimeMilliseconds(), Math.Max(peak.ToUnixTimeMilliseconds() + 3_600_000, from.ToUnixTimeMilliseconds() + 3_600_000), $"{c.Id} over threshold", "warn")]
                : [],
        };
        strips = MakeStrips(overview.Strips, now);
    }

    private string FleetWords(LoadSeries fleet)
    {
        var last = fleet.Measured.LastOrDefault(double.IsFinite, double.NaN);
        var top = fleet.Q50.Count == 0 ? double.NaN : fleet.Q50.Max();
        return $"Fleet load: now {Show.Score(last)}, forecast to reach {Show.Score(top)} within {Show.Duration(fleet.ForecastTimes.Count == 0 ? TimeSpan.Zero : fleet.ForecastTimes[^1] - fleet.ForecastTimes[0])}.";
    }

    private StripModel MakeStrips(ShardStrips source, DateTimeOffset now)
    {
        var rows = new List<StripRow>();
        for (var i = 0; i < source.Shards.Count; i++)
        {
            if (Shards.FirstOrDefault(s => s.Id == source.Shards[i]) is { } shard)
            {
                rows.Add(new StripRow(
                    shard.Id.ToString(), NameOf(shard.Leader), IndexOf(shard.Leader), Show.Percent(shard.Peak / shard.Threshold), Zone.Clock(shard.PeakAt), shard.Peak > shard.Threshold,
                    Urls.HeatmapOf(shard.Id), [.. source.Rows[i].Select(ChartModels.Known)]));
            }
        }

        return new StripModel(
            $"{(source.Times.Count == 0 ? 0 : source.Times[0].ToUnixTimeSeconds())}|{rows.Count}|{source.FirstForecastColumn}|{Queries.Map().Epoch}|{Queries.Summary().ForecastAt?.ToUnixTimeSeconds()}",
            $"Load of {Show.Of(rows.Count, "shard")} against the sharding threshold. {(Crossing is { } c ? $"{c.Id} passes it at {Zone.Clock(c.CrossesAt)}." : "None passes it.")}",
            ChartModels.Millis(source.Times), source.FirstForecastColumn, now.ToUnixTimeMilliseconds(), rows);
    }

    private static DimensionUse CpuOf(NodeRow node) =>
        node.Dimensions.FirstOrDefault(d => d.Name == "cpu") ?? new DimensionUse("cpu", double.NaN, double.NaN, null, double.NaN, 0.7);

    private static string IconOf(string kind) => kind switch
    {
        "hot-key" => Icons.Material.Outlined.LocalFireDepartment,
        "node" => Icons.Material.Outlined.Dns,
        "import" => Icons.Material.Outlined.FileDownload,
        _ => Icons.Material.Outlined.WarningAmber,
    };

    // "96 k ops/s" is drawn with its number large: the unit begins behind the last no-break space before a letter that is no multiple.
    private static string Number(string rate) => rate.Contains('\u00A0') ? rate[..rate.LastIndexOf('\u00A0')] : rate;

    private static string Unit(string rate) => rate.Contains('\u00A0') ? rate[(rate.LastIndexOf('\u00A0') + 1)..] : "";
}
