namespace ShardConsole.Shared.Cluster;

/// <summary>What a node can give, per dimension. A dimension that is 0 is not limited and not judged.</summary>
/// <param name="CpuMillicores">Thousandths of a core.</param>
/// <param name="MemoryBytes">Resident bytes.</param>
/// <param name="DiskBytesPerSecond">Written and read bytes a second.</param>
/// <param name="NetworkBytesPerSecond">Sent and received bytes a second.</param>
public sealed record NodeCapacity(int CpuMillicores, long MemoryBytes, long DiskBytesPerSecond, long NetworkBytesPerSecond);

/// <summary>Where a node is reached. Hosts are the announced ones; a port is 1..65535.</summary>
public sealed record NodeAddresses(string Host, int ClientPort, int PeerPort, int GossipPort, int AdminPort);

/// <summary>A node that belongs to the cluster, as the meta group's member list has it.</summary>
/// <param name="Id">Identity of its data folder.</param>
/// <param name="Name">Short name, "n3"; unique in the cluster.</param>
/// <param name="Zone">Failure zone label; empty where there is none.</param>
/// <param name="Capacity">What utilisation is divided by.</param>
/// <param name="Addresses">Where it is reached.</param>
public sealed record Member(NodeId Id, string Name, string Zone, NodeCapacity Capacity, NodeAddresses Addresses);

/// <summary>How a cluster is founded: entry 1 of the meta group, the same on every node.</summary>
public sealed record Genesis(
    string ClusterId,
    int FormatVersion,
    int SegmentCount,
    int ReplicationFactor,
    System.Collections.Immutable.ImmutableArray<Member> Members,
    System.Collections.Immutable.ImmutableArray<NodeId> MetaVoters,
    ShardMap Map);
