using System.Globalization;

namespace ShardConsole.NodeAgent.Options;

/// <summary>One option of the node: its flag, its variable in the environment and its key in appsettings come from one name.</summary>
/// <param name="Flag">"--client-port".</param>
/// <param name="Setting">Key in the section "Node": "ClientPort".</param>
/// <param name="Description">One line for --help.</param>
/// <param name="Many">May be given several times; separated by commas in the environment.</param>
/// <param name="TrySet">Takes the text over; answers what the text should have been, or null when it was right.</param>
internal sealed record NodeFlag(string Flag, string Setting, string Description, bool Many, Func<NodeOptions, string, string?> TrySet)
{
    /// <summary>All options of a node, in the order of --help.</summary>
    public static readonly IReadOnlyList<NodeFlag> All =
    [
        Text("--name", "Name", "Short name of the node, unique in the cluster", (o, v) => o.Name = v),
        Text("--bind", "Bind", "IP address that all ports bind", (o, v) => o.Bind = v),
        Text("--announce", "Announce", "Host or IP address that others are told; the bound one where it is not named", (o, v) => o.Announce = v),
        Whole("--client-port", "ClientPort", "Port of the Redis protocol", (o, v) => o.ClientPort = v),
        Whole("--peer-port", "PeerPort", "Port for the other nodes", (o, v) => o.PeerPort = v),
        Whole("--gossip-port", "GossipPort", "UDP and TCP port of gossip", (o, v) => o.GossipPort = v),
        Whole("--admin-port", "AdminPort", "HTTP port: health, metrics, admin", (o, v) => o.AdminPort = v),
        Text("--data", "Data", "Folder of the node's data", (o, v) => o.Data = v),
        Text("--pid-file", "PidFile", "File that holds the process id while the node runs", (o, v) => o.PidFile = v),
        Text("--cluster-key-file", "ClusterKeyFile", "File with the key that nodes and control plane share", (o, v) => o.ClusterKeyFile = v),
        new("--seed", "Seeds", "Gossip address host:port of a node to meet first; may be given several times", true, (o, v) => AddSeed(o, v)),
        Whole("--found", "Found", "Found a new cluster as soon as this many nodes are there", (o, v) => o.Found = v),
        Text("--zone", "Zone", "Failure zone label", (o, v) => o.Zone = v),
        Whole("--cpu-millicores", "CpuMillicores", "Capacity in thousandths of a core; 0 is the whole machine", (o, v) => o.CpuMillicores = v),
        Long("--memory-bytes", "MemoryBytes", "Capacity of memory; 0 is not judged", (o, v) => o.MemoryBytes = v),
        Long("--disk-bytes-per-second", "DiskBytesPerSecond", "Capacity of disk I/O; 0 is not judged", (o, v) => o.DiskBytesPerSecond = v),
        Long("--network-bytes-per-second", "NetworkBytesPerSecond", "Capacity of network; 0 is not judged", (o, v) => o.NetworkBytesPerSecond = v),
        Long("--max-memory-bytes", "MaxMemoryBytes", "Memory of keys and values above which writes are answered OOM; 0 is no limit", (o, v) => o.MaxMemoryBytes = v),
        Whole("--shards-per-node", "ShardsPerNode", "Shards that each node brings, 1..64; read when a cluster is founded", (o, v) => o.ShardsPerNode = v),
        Whole("--segments", "Segments", "Segments, a power of two from 64 to 16384; read when a cluster is founded", (o, v) => o.Segments = v),
        Whole("--replication-factor", "ReplicationFactor", "Replicas of each shard; read when a cluster is founded", (o, v) => o.ReplicationFactor = v),
        Text("--control-plane", "ControlPlane", "Address of the control plane that gets the load reports", (o, v) => o.ControlPlane = v),
        Text("--control-plane-certificate", "ControlPlaneCertificate", "PEM file with a certificate by which the control plane is trusted, beside those of the machine", (o, v) => o.ControlPlaneCertificate = v),
        Text("--tls-certificate", "TlsCertificate", "PEM file with the certificate of the client port, and those behind it; clients speak TLS then", (o, v) => o.TlsCertificate = v),
        Text("--tls-key", "TlsKey", "PEM file with the certificate's key, not encrypted", (o, v) => o.TlsKey = v),
        Text("--tls-ca", "TlsCa", "PEM file with the certificates that sign those of all nodes; the peer and admin ports speak TLS then", (o, v) => o.TlsCa = v),
        Text("--password", "Password", "Password that clients must AUTH with; better in SHARDCONSOLE_PASSWORD, since others can read a command line", (o, v) => o.Password = v),
        Whole("--tick-ms", "TickMs", "Length of one Raft tick, milliseconds", (o, v) => o.TickMs = v),
        Whole("--election-ticks", "ElectionTicks", "Shortest election timeout, ticks", (o, v) => o.ElectionTicks = v),
        Whole("--drain-ms", "DrainMs", "How long a stopping node hands over and drains, milliseconds", (o, v) => o.DrainMs = v),
        Whole("--replace-dead-seconds", "ReplaceDeadSeconds", "How long a node is dead before its replicas are put elsewhere, seconds; 0 is never", (o, v) => o.ReplaceDeadSeconds = v),
        Whole("--check-seconds", "CheckSeconds", "Time between two comparisons of the replicas of a shard, seconds; 0 is only on demand", (o, v) => o.CheckSeconds = v),
        Whole("--gossip-probe-ms", "GossipProbeMs", "Probe interval of gossip, milliseconds", (o, v) => o.GossipProbeMs = v),
        Whole("--gossip-push-pull-ms", "GossipPushPullMs", "Interval of gossip's push/pull, milliseconds", (o, v) => o.GossipPushPullMs = v),
        Whole("--samples-per-second", "SamplesPerSecond", "Sampled queries a second that are reported", (o, v) => o.SamplesPerSecond = v),
    ];

    /// <summary>"SHARDCONSOLE_CLIENT_PORT".</summary>
    public string Variable => "SHARDCONSOLE_" + Flag[2..].Replace('-', '_').ToUpperInvariant();

    private static NodeFlag Text(string flag, string setting, string description, Action<NodeOptions, string> set) =>
        new(flag, setting, description, false, (options, value) =>
        {
            set(options, value);
            return null;
        });

    private static NodeFlag Whole(string flag, string setting, string description, Action<NodeOptions, int> set) =>
        new(flag, setting, description, false, (options, value) =>
        {
            if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return "a whole number";
            }

            set(options, number);
            return null;
        });

    private static NodeFlag Long(string flag, string setting, string description, Action<NodeOptions, long> set) =>
        new(flag, setting, description, false, (options, value) =>
        {
            if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return "a whole number";
            }

            set(options, number);
            return null;
        });

    private static string? AddSeed(NodeOptions options, string value)
    {
        options.Seeds.Add(value);
        return null;
    }
}
