namespace ShardConsole.ControlPlane.Fleet;

/// <summary>How the nodes are reached. Section "Fleet".</summary>
internal sealed class FleetOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Fleet";

    /// <summary>What is steered: "agents" (node processes) or "simulated" (a game day on paper, nothing is touched).</summary>
    public string Kind { get; set; } = "agents";

    /// <summary>Whether the fleet is simulated.</summary>
    public bool IsSimulated => Kind == "simulated";

    /// <summary>Admin addresses "host:port" of nodes that run elsewhere, separated by commas; the others are found through them.</summary>
    public string SeedAdmin { get; set; } = "";

    /// <summary>File with the cluster key; empty: "cluster.key" in the data folder.</summary>
    public string ClusterKeyFile { get; set; } = "";

    /// <summary>Real milliseconds between two looks at the nodes, 100..60000.</summary>
    public int PollMs { get; set; } = 1000;

    /// <summary>PEM file with the certificates that sign those of the nodes: their admin ports are called over TLS then. Empty: plainly.</summary>
    public string NodeCa { get; set; } = "";

    /// <summary>How long one node may take to answer, milliseconds, 100..60000.</summary>
    public int TimeoutMs { get; set; } = 2000;

    /// <summary>How long a change is tried on one node after the other, milliseconds, 1000..120000.</summary>
    public int ChangeMs { get; set; } = 10_000;

    /// <summary>Pause before a change is tried again, milliseconds, 10..5000.</summary>
    public int RetryMs { get; set; } = 200;

    /// <summary>Largest answer of a node that is read, bytes, 64 KiB..256 MiB.</summary>
    public int MaxAnswerBytes { get; set; } = 32 << 20;

    /// <summary>A node that was heard within so many real seconds counts as alive, 1..600.</summary>
    public double AliveSeconds { get; set; } = 5;

    /// <summary>The seeds, one by one.</summary>
    public IEnumerable<string> Seeds => SeedAdmin.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Kind is not ("agents" or "simulated"))
        {
            yield return $"--fleet {Kind} is none of agents, simulated.";
        }

        foreach (var seed in Seeds.Where(s => !Uri.TryCreate($"http://{s}", UriKind.Absolute, out var uri) || uri.AbsolutePath != "/" || uri.IsDefaultPort))
        {
            yield return $"--seed-admin {seed} is no host:port.";
        }

        if (PollMs is < 100 or > 60_000)
        {
            yield return $"Fleet:PollMs {PollMs} is outside 100..60000.";
        }

        if (TimeoutMs is < 100 or > 60_000)
        {
            yield return $"Fleet:TimeoutMs {TimeoutMs} is outside 100..60000.";
        }

        if (ChangeMs is < 1000 or > 120_000)
        {
            yield return $"Fleet:ChangeMs {ChangeMs} is outside 1000..120000.";
        }

        if (RetryMs is < 10 or > 5000)
        {
            yield return $"Fleet:RetryMs {RetryMs} is outside 10..5000.";
        }

        if (MaxAnswerBytes is < 1 << 16 or > 1 << 28)
        {
            yield return $"Fleet:MaxAnswerBytes {MaxAnswerBytes} is outside 65536..268435456.";
        }

        if (AliveSeconds is not (>= 1 and <= 600))
        {
            yield return $"Fleet:AliveSeconds {AliveSeconds} is outside 1..600.";
        }
    }
}
