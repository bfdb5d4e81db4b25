using System.Net;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Options;

/// <summary>
/// How one node is started. From appsettings.json (section "Node"), over it the environment (SHARDCONSOLE_CLIENT_PORT …), over it the flags (--client-port …).
/// </summary>
internal sealed partial class NodeOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Node";

    /// <summary>Short name, unique in the cluster: letters, digits, '-', '_', '.'; 1..64.</summary>
    public string Name { get; set; } = "n1";

    /// <summary>IP address that all ports bind; 0.0.0.0 or :: for all.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>Host or IP address that others and clients are told; empty for the bound one.</summary>
    public string Announce { get; set; } = "";

    /// <summary>Port of the Redis protocol, 1..65535 like all ports here.</summary>
    public int ClientPort { get; set; } = 7001;

    /// <summary>Port of the other nodes' Raft and migration traffic.</summary>
    public int PeerPort { get; set; } = 7101;

    /// <summary>UDP and TCP port of gossip.</summary>
    public int GossipPort { get; set; } = 7201;

    /// <summary>HTTP port: health, metrics, admin.</summary>
    public int AdminPort { get; set; } = 7301;

    /// <summary>Folder of the node's data.</summary>
    public string Data { get; set; } = "data/node";

    /// <summary>File that holds the process id while the node runs; empty for none.</summary>
    public string PidFile { get; set; } = "";

    /// <summary>File with the key that all nodes and the control plane share; empty: cluster.key in the data folder, made at the first start.</summary>
    public string ClusterKeyFile { get; set; } = "";

    /// <summary>Gossip addresses "host:port" of nodes to meet first.</summary>
    public IList<string> Seeds { get; set; } = [];

    /// <summary>Founds a new cluster as soon as this many nodes are enrolled; 0 joins by the seeds. Without seeds and without this a node founds itself alone.</summary>
    public int Found { get; set; }

    /// <summary>Failure zone label; empty for none.</summary>
    public string Zone { get; set; } = "";

    /// <summary>Capacity in thousandths of a core; 0 for all cores of the machine.</summary>
    public int CpuMillicores { get; set; }

    /// <summary>Capacity of memory, bytes; 0 is not judged.</summary>
    public long MemoryBytes { get; set; }

    /// <summary>Capacity of disk I/O, bytes a second; 0 is not judged.</summary>
    public long DiskBytesPerSecond { get; set; }

    /// <summary>Capacity of network, bytes a second; 0 is not judged.</summary>
    public long NetworkBytesPerSecond { get; set; }

    /// <summary>Memory that keys and values may take before writes that may add data are answered OOM, bytes; 0 is no limit.</summary>
    public long MaxMemoryBytes { get; set; }

    /// <summary>Shards that each node brings, 1..64. Only read when a cluster is founded.</summary>
    public int ShardsPerNode { get; set; } = 4;

    /// <summary>Segments, a power of two from 64 to 16384. Only read when a cluster is founded.</summary>
    public int Segments { get; set; } = 1024;

    /// <summary>Replicas of each shard; null for 3, or the number of nodes where there are fewer. Only read when a cluster is founded.</summary>
    public int? ReplicationFactor { get; set; }

    /// <summary>Base address of the control plane that gets the load reports, "http://host:port"; empty for none.</summary>
    public string ControlPlane { get; set; } = "";

    /// <summary>PEM file with a certificate that the control plane is trusted by, or that signed it; empty: those that the machine trusts.</summary>
    public string ControlPlaneCertificate { get; set; } = "";

    /// <summary>PEM file with the certificate of the client port, and those behind it; empty: no TLS there.</summary>
    public string TlsCertificate { get; set; } = "";

    /// <summary>
    /// PEM file with the certificates that sign those of all nodes. The peer and the admin port speak TLS then, with <see cref="TlsCertificate"/>, and only such nodes
    /// are called. The same on all nodes of a cluster. Empty: these ports speak plainly.
    /// </summary>
    public string TlsCa { get; set; } = "";

    /// <summary>PEM file with the certificate's key, not encrypted; goes with <see cref="TlsCertificate"/>.</summary>
    public string TlsKey { get; set; } = "";

    /// <summary>Password that clients must AUTH with; empty for none.</summary>
    public string Password { get; set; } = "";

    /// <summary>Length of one Raft tick, milliseconds, 10..1000. A heartbeat is sent every second tick.</summary>
    public int TickMs { get; set; } = 100;

    /// <summary>Shortest election timeout in ticks, 5..100; drawn from 1 to 2 times this.</summary>
    public int ElectionTicks { get; set; } = 9;

    /// <summary>How long a stopping node goes on handing over leadership and draining replies, milliseconds, 0..60000.</summary>
    public int DrainMs { get; set; } = 3000;

    /// <summary>Grace time after which the replicas of a dead node are put on others, seconds, 0..86400; 0: never. Read by the leader of the meta group.</summary>
    public int ReplaceDeadSeconds { get; set; } = 600;

    /// <summary>Time between two comparisons of the replicas of a shard, seconds, 0..604800; 0: only on demand.</summary>
    public int CheckSeconds { get; set; } = 3600;

    /// <summary>Probe interval of gossip, milliseconds, 100..10000.</summary>
    public int GossipProbeMs { get; set; } = 1000;

    /// <summary>Interval of gossip's push/pull, milliseconds, 1000..600000.</summary>
    public int GossipPushPullMs { get; set; } = 30_000;

    /// <summary>Sampled queries a second that are reported, 0..10000.</summary>
    public int SamplesPerSecond { get; set; } = 200;

    /// <summary>The host that others are told.</summary>
    public string AnnouncedHost => Announce.Length > 0 ? Announce : Bind;

    /// <summary>Nodes to wait for before founding, 1 for a node that stands alone; 0: joins or goes on with what its data folder says.</summary>
    public int FoundWhenEnrolled => Found > 0 ? Found : Seeds.Count == 0 ? 1 : 0;

    /// <summary>The cluster key's file.</summary>
    public string ClusterKeyPath => ClusterKeyFile.Length > 0 ? ClusterKeyFile : Path.Combine(Data, "cluster.key");

    /// <summary>The bound address.</summary>
    public IPAddress BindAddress => Bind == "localhost" ? IPAddress.Loopback : IPAddress.Parse(Bind);

    /// <summary>What the node's utilisation is divided by.</summary>
    public NodeCapacity Capacity => new(
        CpuMillicores > 0 ? CpuMillicores : Environment.ProcessorCount * 1000, MemoryBytes, DiskBytesPerSecond, NetworkBytesPerSecond);

    /// <summary>What the node says of itself, once its data folder's identity is known.</summary>
    public Member ToMember(NodeId id) =>
        new(id, Name, Zone, Capacity, new NodeAddresses(AnnouncedHost, ClientPort, PeerPort, GossipPort, AdminPort));

    /// <summary>The seeds as addresses; only those that can be read.</summary>
    public IEnumerable<GossipAddress> SeedAddresses() =>
        Seeds.Select(s => GossipAddress.TryParse(s, out var address) ? address : default).Where(a => a.Port != 0);
}
