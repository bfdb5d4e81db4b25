using System.Globalization;
using System.Text.Json.Serialization;

namespace ShardConsole.ControlPlane.LocalCluster;

/// <summary>One node of the local cluster as it is kept with the data: its ports never change, since the member list names them.</summary>
/// <param name="Number">1-based; the node is called "n1", "n2" …</param>
internal sealed record LocalNode(int Number, int ClientPort, int PeerPort, int GossipPort, int AdminPort)
{
    /// <summary>Name in logs and folders.</summary>
    [JsonIgnore]
    public string Name => string.Create(CultureInfo.InvariantCulture, $"n{Number}");

    /// <summary>Folder of the node below the data folder.</summary>
    public string Folder(string dataFolder) => Path.Combine(dataFolder, "nodes", Name);

    /// <summary>File with the process id of the running node.</summary>
    public string PidFile(string dataFolder) => Path.Combine(dataFolder, "nodes", $"{Name}.pid");

    /// <summary>Arguments of the node program.</summary>
    public IReadOnlyList<string> Arguments(LocalClusterOptions options, LocalClusterFile cluster, string dataFolder, string controlPlane)
    {
        var arguments = new List<string>
        {
            "--name", Name,
            "--bind", options.Bind,
            "--client-port", Text(ClientPort),
            "--peer-port", Text(PeerPort),
            "--gossip-port", Text(GossipPort),
            "--admin-port", Text(AdminPort),
            "--data", Folder(dataFolder),
            "--pid-file", PidFile(dataFolder),
            "--cluster-key-file", LocalClusterFile.KeyPath(dataFolder),
            "--cpu-millicores", Text(options.NodeCpuMillicores),
            "--shards-per-node", Text(options.ShardsPerNode),
            "--control-plane", controlPlane,
        };
        if (options.ControlPlaneCertificate.Length > 0)
        {
            arguments.AddRange(["--control-plane-certificate", options.ControlPlaneCertificate]);
        }

        if (options.ReplicationFactor is { } factor)
        {
            arguments.AddRange(["--replication-factor", Text(factor)]);
        }

        var first = cluster.Nodes[0];
        arguments.AddRange(Number == first.Number
            ? ["--found", Text(cluster.Nodes.Count)]
            : ["--seed", $"{options.Bind}:{Text(first.GossipPort)}"]);
        foreach (var other in cluster.Nodes.Where(n => Number == first.Number && n.Number != Number))
        {
            // The founder also knows the others: after a restart of all nodes none has to wait for it to come first.
            arguments.AddRange(["--seed", $"{options.Bind}:{Text(other.GossipPort)}"]);
        }

        return arguments;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
