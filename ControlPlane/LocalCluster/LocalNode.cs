using System.Globalization;
using System.Text.Json.Serialization;

namespace ShardConsole.ControlPlane.LocalCluster;

/// <summary>One node of the local cluster as it is kept with the data: its ports never change, since the member list names them.</summary>
/// <param name="Number">1-based, never given twice; the node is called "n1", "n2" …</param>
/// <param name="Joined">It came after the cluster was founded.</param>
/// <param name="Left">It has left the cluster: it is not started again, and its folder stays until somebody removes it.</param>
/// <param name="Zone">Failure zone; empty for none.</param>
internal sealed record LocalNode(int Number, int ClientPort, int PeerPort, int GossipPort, int AdminPort, bool Joined = false, bool Left = false, string Zone = "")
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

        if (Zone.Length > 0)
        {
            arguments.AddRange(["--zone", Zone]);
        }

        var first = cluster.Nodes[0];
        if (Number == first.Number)
        {
            arguments.AddRange(["--found", Text(cluster.Founders)]);
        }

        // The founder, and who joined later, know all others: after a restart none has to wait for another to come first, and the founder may have left.
        foreach (var other in Number == first.Number || Joined || first.Left ? cluster.Running.Where(n => n.Number != Number) : [first])
        {
            arguments.AddRange(["--seed", $"{options.Bind}:{Text(other.GossipPort)}"]);
        }

        return arguments;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
