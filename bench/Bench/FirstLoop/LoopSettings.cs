using System.Globalization;

namespace ShardConsole.Bench;

/// <summary>What a run of the whole loop is made of. Loads in mcore, of the CPU.</summary>
internal sealed record LoopSettings
{
    /// <summary>The request log: timestamp, key, operation; gzip.</summary>
    public required string Log { get; init; }

    /// <summary>Model seconds per real second.</summary>
    public double Clock { get; init; } = 96;

    /// <summary>Requests that each logged one becomes. 16 bring the fullest shard to about a quarter over the threshold at the log's peak, and the fleet to less than all thresholds.</summary>
    public int Amplify { get; init; } = 16;

    /// <summary>Log seconds over which the copies of a request are spread.</summary>
    public double Spread { get; init; } = 600;

    /// <summary>Ratio of the reads sent as writes.</summary>
    public double WriteShare { get; init; } = 0.5;

    /// <summary>Sharding threshold.</summary>
    public double Threshold { get; init; } = 40;

    /// <summary>Capacity of a node.</summary>
    public int NodeCpu { get; init; } = 200;

    /// <summary>Quantile of the predicted load that is planned for. The median: half a day of bursty counts leaves the upper ones wide.</summary>
    public double Quantile { get; init; } = 0.5;

    /// <summary>Hours that are planned ahead.</summary>
    public double Horizon { get; init; } = 2;

    /// <summary>Log time at which history ends and the replay begins.</summary>
    public DateTimeOffset From { get; init; } = new(1995, 8, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Log time at which the replay ends.</summary>
    public DateTimeOffset To { get; init; } = new(1995, 8, 1, 17, 30, 0, TimeSpan.Zero);

    /// <summary>Reads pairs of option and value.</summary>
    public static LoopSettings Of(string[] args)
    {
        var given = args.Chunk(2).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        var usual = new LoopSettings { Log = given.GetValueOrDefault("--log", Path.Combine("..", "shared", "data", "requests", "nasa_19950801.csv.gz")) };
        double Number(string name, double fallback) => given.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : fallback;
        DateTimeOffset Time(string name, DateTimeOffset fallback) => given.TryGetValue(name, out var text) ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : fallback;
        return usual with
        {
            Clock = Number("--clock", usual.Clock),
            Amplify = (int)Number("--amplify", usual.Amplify),
            Spread = Number("--spread", usual.Spread),
            WriteShare = Number("--write-share", usual.WriteShare),
            Threshold = Number("--threshold", usual.Threshold),
            NodeCpu = (int)Number("--node-cpu", usual.NodeCpu),
            Quantile = Number("--quantile", usual.Quantile),
            Horizon = Number("--horizon", usual.Horizon),
            From = Time("--from", usual.From),
            To = Time("--to", usual.To),
        };
    }
}
