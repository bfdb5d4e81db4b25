using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace ShardConsole.Shared.Cluster;

/// <summary>A shard in the map.</summary>
/// <param name="Id">The shard.</param>
/// <param name="Replicas">Nodes that hold a replica, ascending by id, at least one.</param>
/// <param name="PreferredLeader">The replica that leads when it is healthy.</param>
public sealed record ShardInfo(ShardId Id, ImmutableArray<NodeId> Replicas, NodeId PreferredLeader);

/// <summary>A segment that stands elsewhere than the placement ring would put it.</summary>
public sealed record PlacementException(SegmentId Segment, ShardId Shard, string Reason);

/// <summary>
/// Who owns what: epoch, segment to shard, shard to replicas and preferred leader. Immutable and replaced whole;
/// the next epoch comes only from a committed entry of the meta group.
/// </summary>
public sealed record ShardMap
{
    /// <summary>The map before genesis: epoch 0, no segment, no shard.</summary>
    public static readonly ShardMap Empty = new();

    /// <summary>Rises by one with every change; 1 is genesis.</summary>
    public ulong Epoch { get; init; }

    /// <summary>Owner of each segment; its length is the cluster's segment count.</summary>
    public ImmutableArray<ShardId> Owners { get; init; } = [];

    /// <summary>All shards, ascending by id.</summary>
    public ImmutableArray<ShardInfo> Shards { get; init; } = [];

    /// <summary>Segments that a plan moved for load, ascending by segment.</summary>
    public ImmutableArray<PlacementException> Exceptions { get; init; } = [];

    /// <summary>Number of segments; 0 before genesis.</summary>
    public int SegmentCount => Owners.Length;

    /// <summary>Slots in one segment.</summary>
    public int SlotsPerSegment => SegmentCount == 0 ? 0 : Slot.Count / SegmentCount;

    /// <summary>The segment of a slot.</summary>
    public SegmentId SegmentOf(int slot) => SegmentId.OfSlot(slot, SegmentCount);

    /// <summary>The owner of a segment.</summary>
    public ShardId OwnerOf(SegmentId segment) => Owners[segment.Value];

    /// <summary>The shard, or null when the map does not know it.</summary>
    public ShardInfo? Find(ShardId shard)
    {
        foreach (var info in Shards)
        {
            if (info.Id == shard)
            {
                return info;
            }
        }

        return null;
    }

    /// <summary>The map after one change, at epoch + 1. The reason is kept as a placement exception.</summary>
    /// <exception cref="ArgumentException">The segment or the shard is not in the map.</exception>
    public ShardMap Apply(SegmentMoved change)
    {
        if (change.Segment.Value >= SegmentCount)
        {
            throw new ArgumentException($"Segment {change.Segment} is outside 0..{SegmentCount - 1}.");
        }

        if (Find(change.To) is null)
        {
            throw new ArgumentException($"Shard {change.To} is not in the map of epoch {Epoch}.");
        }

        var exceptions = Exceptions.RemoveAll(e => e.Segment == change.Segment).Add(new PlacementException(change.Segment, change.To, change.Reason));
        return this with
        {
            Epoch = Epoch + 1,
            Owners = Owners.SetItem(change.Segment.Value, change.To),
            Exceptions = exceptions.Sort((a, b) => a.Segment.CompareTo(b.Segment)),
        };
    }

    /// <summary>The map with what a shard's group says of its replicas, at epoch + 1.</summary>
    /// <exception cref="ArgumentException">The shard is not in the map, no replica is left, or the preferred leader is none of them.</exception>
    public ShardMap Apply(ReplicasChanged change)
    {
        if (Find(change.Shard) is not { } shard)
        {
            throw new ArgumentException($"Shard {change.Shard} is not in the map of epoch {Epoch}.");
        }

        if (!change.Replicas.Contains(change.PreferredLeader))
        {
            throw new ArgumentException($"The preferred leader {change.PreferredLeader} of {change.Shard} is none of its replicas.");
        }

        return this with
        {
            Epoch = Epoch + 1,
            Shards = Shards.Replace(shard, new ShardInfo(shard.Id, change.Replicas.Sort(), change.PreferredLeader)),
        };
    }

    /// <summary>The map with shards that own nothing yet, each with one replica, at epoch + 1.</summary>
    /// <exception cref="ArgumentException">A number is not above that of every shard before it.</exception>
    public ShardMap Apply(ShardsBorn change)
    {
        var born = Shards.ToBuilder();
        foreach (var shard in change.Shards)
        {
            if (born.Count > 0 && shard.CompareTo(born[^1].Id) <= 0)
            {
                throw new ArgumentException($"The number of {shard} is not above that of {born[^1].Id}, the last shard of epoch {Epoch}.");
            }

            born.Add(new ShardInfo(shard, [change.Node], change.Node));
        }

        return this with { Epoch = Epoch + 1, Shards = born.ToImmutable() };
    }

    /// <summary>The map without a shard that owns nothing, at epoch + 1.</summary>
    /// <exception cref="ArgumentException">The shard is not in the map, or owns a segment.</exception>
    public ShardMap Apply(ShardRemoved change)
    {
        if (Find(change.Shard) is not { } shard || Owners.Contains(change.Shard))
        {
            throw new ArgumentException($"Shard {change.Shard} is not in the map of epoch {Epoch}, or owns segments.");
        }

        return this with { Epoch = Epoch + 1, Shards = Shards.Remove(shard) };
    }

    /// <summary>Digest by which two nodes see whether they hold the same map: the first 8 bytes of SHA-256 over epoch, owners and shards.</summary>
    public ulong Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> word = stackalloc byte[8];
        void Add(ulong value, Span<byte> buffer)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(buffer, value);
            hash.AppendData(buffer);
        }

        Add(Epoch, word);
        Add((ulong)Owners.Length, word);
        foreach (var owner in Owners)
        {
            Add(owner.Value, word);
        }

        foreach (var shard in Shards)
        {
            Add(shard.Id.Value, word);
            Add(shard.PreferredLeader.Value, word);
            Add((ulong)shard.Replicas.Length, word);
            foreach (var replica in shard.Replicas)
            {
                Add(replica.Value, word);
            }
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset());
    }
}

/// <summary>A committed change of owner.</summary>
public sealed record SegmentMoved(SegmentId Segment, ShardId To, string Reason);

/// <summary>A committed change of a shard's replicas.</summary>
public sealed record ReplicasChanged(ShardId Shard, ImmutableArray<NodeId> Replicas, NodeId PreferredLeader);

/// <summary>Shards that came with a node: they own nothing, and it is their only replica.</summary>
public sealed record ShardsBorn(ImmutableArray<ShardId> Shards, NodeId Node);

/// <summary>A shard that owns nothing is no more.</summary>
public sealed record ShardRemoved(ShardId Shard);
