using System.Collections.Immutable;
using System.Text.Json;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Everything that the meta group's state machine knows. Immutable and replaced whole, so that any thread may keep and read one.</summary>
internal sealed record MetaState
{
    /// <summary>Version of the snapshot that is written; this one and the one before are read.</summary>
    public const int Version = 2;

    /// <summary>Predictions whose error is shown: those of the last so many copies.</summary>
    public const int MaxErrors = 64;

    /// <summary>Before genesis.</summary>
    public static readonly MetaState Empty = new();

    /// <summary>Null before genesis.</summary>
    public Genesis? Genesis { get; init; }

    public ShardMap Map { get; init; } = ShardMap.Empty;

    public ImmutableArray<Member> Members { get; init; } = [];

    public MigrationLimits Limits { get; init; } = MigrationLimits.Default;

    public bool Halted { get; init; }

    /// <summary>Who halted; empty while not halted.</summary>
    public string HaltedBy { get; init; } = "";

    /// <summary>Migrations whose end is not acknowledged by both groups, by id.</summary>
    public ImmutableSortedDictionary<ulong, MigrationRecord> Migrations { get; init; } = ImmutableSortedDictionary<ulong, MigrationRecord>.Empty;

    /// <summary>Migrations that have ended and of which the protocol knows nothing any more, oldest first: for the operator, and so that no move runs twice.</summary>
    public ImmutableArray<MigrationRecord> Ended { get; init; } = [];

    /// <summary>Answers of entries that named a request, oldest first.</summary>
    public ImmutableArray<AnsweredRequest> Answered { get; init; } = [];

    /// <summary>Nodes that hold a replica of the meta group, ascending. Empty in a state of version 1: then those of the genesis, see <see cref="ReplicasOf"/>.</summary>
    public ImmutableArray<NodeId> MetaReplicas { get; init; } = [];

    /// <summary>Changes of replicas that are under way, by id; one per group at most.</summary>
    public ImmutableSortedDictionary<ulong, ReplicaChange> ReplicaChanges { get; init; } = ImmutableSortedDictionary<ulong, ReplicaChange>.Empty;

    /// <summary>Changes of replicas that have ended, oldest first: for the operator.</summary>
    public ImmutableArray<ReplicaChange> EndedReplicaChanges { get; init; } = [];

    /// <summary>Members that are being emptied and get no new replicas, ascending.</summary>
    public ImmutableArray<NodeId> Draining { get; init; } = [];

    /// <summary>Shards that came with a joining node and have not all their replicas yet, ascending. Nothing moves to them.</summary>
    public ImmutableArray<ShardBirth> Births { get; init; } = [];

    /// <summary>Shards that are to be emptied and removed, ascending. Nothing moves to them.</summary>
    public ImmutableArray<ShardId> Retiring { get; init; } = [];

    /// <summary>The highest number that a removed shard had; 0: none was removed. Numbers are never given again.</summary>
    public ushort LastRemoved { get; init; }

    /// <summary>Commands up to this <see cref="MetaCommand.Level"/> may be written: every member reads them. Never falls.</summary>
    public int Level { get; init; } = 1;

    /// <summary>Index of the last applied entry.</summary>
    public ulong AppliedIndex { get; init; }

    /// <summary>Nodes that hold a replica of a group, ascending; empty for a group that is not known.</summary>
    public ImmutableArray<NodeId> ReplicasOf(GroupId group) => group != GroupId.Meta ? Map.Find(group.Shard)?.Replicas ?? []
        : MetaReplicas.IsEmpty ? Genesis?.MetaVoters ?? [] : MetaReplicas;

    /// <summary>Shards that come with each joining node: as many as each founder got.</summary>
    public int ShardsPerNode => Genesis is { Members.Length: > 0 } founded ? founded.Map.Shards.Length / founded.Members.Length : 0;

    /// <summary>Number of the next shard that is born.</summary>
    public int FirstFreeShard => 1 + Math.Max(LastRemoved, Map.Shards.IsEmpty ? 0 : (int)Map.Shards[^1].Id.Value);

    /// <summary>The birth of a shard that has not all its replicas yet; null: it has, or is not known.</summary>
    public ShardBirth? BirthOf(ShardId shard) => Births.FirstOrDefault(b => b.Shard == shard);

    /// <summary>The change of a group's replicas that is under way; null: none.</summary>
    public ReplicaChange? ChangeOf(GroupId group) => ReplicaChanges.Values.FirstOrDefault(c => c.Group == group);

    /// <summary>Places that are taken: pairs of shards between which segments move.</summary>
    public int PlacesTaken => Migrations.Values.Where(m => m.HoldsPlace).DistinctBy(m => (m.From, m.To)).Count();

    /// <summary>Why a migration gets no place now; null: there is one. Segments between the same two shards share a place.</summary>
    public string? WhyNoPlace(MigrationRecord record)
    {
        var held = Migrations.Values.Where(m => m.HoldsPlace).ToList();
        var batch = held.Count(m => m.From == record.From && m.To == record.To);
        if (batch > 0)
        {
            return batch < Limits.BatchSegments ? null : $"{batch} segments move from {record.From} to {record.To}, the limit of a batch is {Limits.BatchSegments}.";
        }

        var pairs = held.Select(m => (m.From, m.To)).Distinct().ToList();
        if (pairs.Count >= Limits.MaxConcurrentMoves)
        {
            return $"{pairs.Count} places are taken, the limit is {Limits.MaxConcurrentMoves}.";
        }

        foreach (var node in new[] { LeaderOf(record.From), LeaderOf(record.To) })
        {
            var taken = pairs.Count(p => LeaderOf(p.From) == node || LeaderOf(p.To) == node);
            if (Limits.MaxNodeMoves > 0 && taken >= Limits.MaxNodeMoves)
            {
                return $"Node {node} takes part in {taken} places, the limit of a node is {Limits.MaxNodeMoves}.";
            }
        }

        return null;
    }

    /// <summary>A migration that the protocol or the history knows; null: unknown.</summary>
    public MigrationRecord? Find(ulong id) => Migrations.TryGetValue(id, out var record) ? record : Ended.FirstOrDefault(m => m.Id == id);

    /// <summary>Copy limit of one stream: its share of the cluster's.</summary>
    public long StreamBytesPerSecond => Math.Min(Limits.NodeBytesPerSecond, Limits.ClusterBytesPerSecond / Math.Max(1, Migrations.Values.Count(m => m.HoldsPlace && !m.Verified)));

    /// <summary>Median error of the predictions of the last copies that had one, as a ratio of the time predicted; null where none had.</summary>
    public double? EtaError()
    {
        var errors = Ended.Concat(Migrations.Values).Select(m => m.Copied).OfType<CopySummary>().Where(c => c.PredictedMs > 0).TakeLast(MaxErrors)
            .Select(c => Math.Abs(c.Ms - c.PredictedMs) / (double)c.PredictedMs).Order().ToList();
        return errors.Count == 0 ? null : errors[errors.Count / 2];
    }

    private NodeId LeaderOf(ShardId shard) => Map.Find(shard)?.PreferredLeader ?? default;

    /// <summary>As a snapshot: JSON.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(new Snapshot(Version, this), JsonSerializerOptions.Web);

    /// <summary>Null where the bytes are no snapshot of a version that is read.</summary>
    public static MetaState? Decode(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize<Snapshot>(data, JsonSerializerOptions.Web) is { Version: Version or Version - 1, State: { } state } ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Snapshot(int Version, MetaState State);
}

/// <summary>The answer that a request got.</summary>
internal sealed record AnsweredRequest(string RequestId, MetaAnswer Answer);
