namespace ShardConsole.ControlPlane.LocalCluster;

/// <summary>The cluster of node processes that the control plane starts beside itself.</summary>
internal sealed class LocalClusterOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "LocalCluster";

    /// <summary>Most node processes, those that joined later included.</summary>
    public const int MaxNodes = 15;

    /// <summary>Node processes that found the cluster, 0..15. 0: the cluster runs elsewhere.</summary>
    public int Nodes { get; set; } = 3;

    /// <summary>
    /// Ports of node i (1-based): clients at base + i, peers at base + 100 + i, gossip at base + 200 + i, admin at base + 300 + i.
    /// 0: free ports, chosen at the first start and kept with the data.
    /// </summary>
    public int BasePort { get; set; } = 7000;

    /// <summary>Address that the nodes bind and announce.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>Replicas of each shard; null for 3, or the number of nodes where there are fewer. Only read when the cluster is founded.</summary>
    public int? ReplicationFactor { get; set; }

    /// <summary>Shards per node, 1..64. Only read when the cluster is founded.</summary>
    public int ShardsPerNode { get; set; } = 4;

    /// <summary>Capacity of each node in thousandths of a core.</summary>
    public int NodeCpuMillicores { get; set; } = 500;

    /// <summary>Path of the node program; empty for the one that was built with the control plane.</summary>
    public string AgentPath { get; set; } = "";

    /// <summary>PEM file with the certificate of the console's port, which the nodes trust when they report; empty: the port has no TLS. Set by the host.</summary>
    public string ControlPlaneCertificate { get; set; } = "";

    /// <summary>How long a node may take to stop before it is killed, seconds, 1..120.</summary>
    public int StopSeconds { get; set; } = 15;

    /// <summary>Pause before a node that ended by itself is started again, seconds; doubles up to sixteen times this.</summary>
    public int RestartSeconds { get; set; } = 1;

    /// <summary>How long a node that is replaced because the control plane has another address may take to serve before the next one is replaced, seconds, 1..600.</summary>
    public int ServingSeconds { get; set; } = 60;

    /// <summary>All that is wrong with these options, one sentence each; empty when they can be used.</summary>
    public IEnumerable<string> Problems()
    {
        if (Nodes is < 0 or > MaxNodes)
        {
            yield return $"--local-nodes {Nodes} is outside 0..{MaxNodes}.";
        }

        if (BasePort != 0 && BasePort is < 1024 or > 65000)
        {
            yield return $"--base-port {BasePort} is outside 1024..65000; 0 takes free ports.";
        }

        if (ShardsPerNode is < 1 or > 64)
        {
            yield return $"LocalCluster:ShardsPerNode {ShardsPerNode} is outside 1..64.";
        }

        if (ReplicationFactor is { } factor && Nodes > 0 && (factor < 1 || factor > Nodes))
        {
            yield return $"--replication-factor {factor} is outside 1..{Nodes}, the number of local nodes.";
        }

        if (NodeCpuMillicores is < 10 or > 1_000_000)
        {
            yield return $"LocalCluster:NodeCpuMillicores {NodeCpuMillicores} is outside 10..1000000.";
        }

        if (StopSeconds is < 1 or > 120)
        {
            yield return $"LocalCluster:StopSeconds {StopSeconds} is outside 1..120.";
        }
    }
}
