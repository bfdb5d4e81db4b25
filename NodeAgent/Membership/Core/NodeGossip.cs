using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// What a node says of itself that changes all the time. A hint, never the truth: that is in the meta group's log.
/// Each publication has a version that rises within a node and over its restarts; the newest wins.
/// </summary>
internal sealed record NodeGossip
{
    /// <summary>Most shards, migrations and segments that one payload may name; what is more is cut off when it is published.</summary>
    public const int MaxShards = 256, MaxMigrations = 64, MaxHottest = 16;

    /// <summary>Nothing known yet.</summary>
    public static readonly NodeGossip Empty = new();

    /// <summary>Epoch of the map that the node holds.</summary>
    public ulong Epoch { get; init; }

    /// <summary><see cref="ShardMap.Digest"/> of that map.</summary>
    public ulong MapDigest { get; init; }

    /// <summary>The process's own use over the last bucket.</summary>
    public NodeUse Use { get; init; } = new(0, 0, 0, 0);

    /// <summary>The meta group's leader as the node knows it; the absent node where it does not.</summary>
    public NodeId MetaLeader { get; init; }

    /// <summary>Highest term of the meta group that the node has seen.</summary>
    public ulong MetaTerm { get; init; }

    /// <summary>Shards that the node leads.</summary>
    public ImmutableArray<LedShard> Leads { get; init; } = [];

    /// <summary>Migrations in which the node's shards take part.</summary>
    public ImmutableArray<MigrationGossip> Migrations { get; init; } = [];

    /// <summary>Hottest segments that the node leads, hottest first.</summary>
    public ImmutableArray<SegmentHeat> Hottest { get; init; } = [];

    /// <summary>Equal by content: the arrays are compared element by element.</summary>
    public bool Equals(NodeGossip? other) =>
        other is not null && Epoch == other.Epoch && MapDigest == other.MapDigest && Use == other.Use && MetaLeader == other.MetaLeader
        && MetaTerm == other.MetaTerm && Leads.SequenceEqual(other.Leads) && Migrations.SequenceEqual(other.Migrations) && Hottest.SequenceEqual(other.Hottest);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Epoch, MapDigest, Use, MetaLeader, MetaTerm, Leads.Length, Migrations.Length, Hottest.Length);
}

/// <summary>A shard that the node leads.</summary>
/// <param name="Term">Raft term of the leadership; of two nodes that claim a shard the higher term is right.</param>
/// <param name="PredictedMillicores">Predicted load score of the shard, mcore; 0 while unknown.</param>
internal readonly record struct LedShard(ShardId Shard, ulong Term, int PredictedMillicores);

/// <summary>A migration under way.</summary>
internal readonly record struct MigrationGossip(ulong Id, MigrationPhase Phase, long CopiedBytes);

/// <summary>A segment and its measured load, mcore.</summary>
internal readonly record struct SegmentHeat(SegmentId Segment, int Millicores);
