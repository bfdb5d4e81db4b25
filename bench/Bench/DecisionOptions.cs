using System.Globalization;

namespace ShardConsole.Bench;

/// <summary>Arguments of the benchmark decision.</summary>
internal sealed record DecisionOptions
{
    public string Data { get; private init; } = "../shared/data";

    /// <summary>Sets that have seasons.</summary>
    public string[] Seasonal { get; private init; } = ["kpi5m", "web5m", "calls5m", "energy1h", "people1h"];

    /// <summary>Sets that have none.</summary>
    public string[] Other { get; private init; } = ["tweets5m", "bitbrains5m"];

    public int Nodes { get; private init; } = 8;

    public int Segments { get; private init; } = 128;

    public int Seed { get; private init; } = 1;

    /// <summary>Days that are replayed.</summary>
    public int Days { get; private init; } = 14;

    /// <summary>Days before them that are known.</summary>
    public int Known { get; private init; } = 7;

    /// <summary>Minutes between two forecasts.</summary>
    public int ForecastMinutes { get; private init; } = 5;

    /// <summary>Data of a node, GB.</summary>
    public double NodeGigabytes { get; private init; } = 16;

    /// <summary>Utilisation of every node in the fleet's 99th percentile of load, were it spread evenly: capacities follow from it. 0: as tight as perfect foresight can bear.</summary>
    public double EvenPeak { get; private init; }

    /// <summary>Budget of one search of the planner, of all policies alike: moves looked at.</summary>
    public int Evaluations { get; private init; } = 10_000;

    /// <summary>Quantile that predictions are planned for.</summary>
    public double Quantile { get; private init; } = 0.9;

    /// <summary>How much segments differ in weight: standard deviation of its logarithm.</summary>
    public double Spread { get; private init; } = 1;

    /// <summary>The arguments; unknown ones are named with those that are known.</summary>
    /// <exception cref="ArgumentException">An argument is wrong.</exception>
    public static DecisionOptions Read(string[] args)
    {
        var c = CultureInfo.InvariantCulture;
        var options = new DecisionOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value.");
            options = args[i] switch
            {
                "--data" => options with { Data = value },
                "--sets" => options with { Seasonal = value.Split(',') },
                "--other-sets" => options with { Other = value.Split(',', StringSplitOptions.RemoveEmptyEntries) },
                "--nodes" => options with { Nodes = int.Parse(value, c) },
                "--segments" => options with { Segments = int.Parse(value, c) },
                "--seed" => options with { Seed = int.Parse(value, c) },
                "--days" => options with { Days = int.Parse(value, c) },
                "--known" => options with { Known = int.Parse(value, c) },
                "--forecast-minutes" => options with { ForecastMinutes = int.Parse(value, c) },
                "--node-gb" => options with { NodeGigabytes = double.Parse(value, c) },
                "--even-peak" => options with { EvenPeak = double.Parse(value, c) },
                "--evaluations" => options with { Evaluations = int.Parse(value, c) },
                "--quantile" => options with { Quantile = double.Parse(value, c) },
                "--spread" => options with { Spread = double.Parse(value, c) },
                _ => throw new ArgumentException($"{args[i]} is not known; known are --data --sets --other-sets --nodes --segments --seed --days --known --forecast-minutes --node-gb --even-peak --evaluations --quantile --spread."),
            };
        }

        return options;
    }
}
