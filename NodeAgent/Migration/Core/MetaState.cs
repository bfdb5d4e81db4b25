using System.Collections.Immutable;
using System.Text.Json;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Everything that the meta group's state machine knows. Immutable and replaced whole, so that any thread may keep and read one.</summary>
internal sealed record MetaState
{
    /// <summary>Version of the snapshot that is written; this one and the one before are read.</summary>
    public const int Version = 1;

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

    /// <summary>Index of the last applied entry.</summary>
    public ulong AppliedIndex { get; init; }

    /// <summary>Migrations that have a place and are not over.</summary>
    public int UnderWay => Migrations.Values.Count(m => m.Admitted && !m.IsOver);

    /// <summary>A migration that the protocol or the history knows; null: unknown.</summary>
    public MigrationRecord? Find(ulong id) => Migrations.TryGetValue(id, out var record) ? record : Ended.FirstOrDefault(m => m.Id == id);

    /// <summary>Copy limit of one stream: its share of the cluster's.</summary>
    public long StreamBytesPerSecond => Math.Min(Limits.NodeBytesPerSecond, Limits.ClusterBytesPerSecond / Math.Max(1, UnderWay));

    /// <summary>As a snapshot: JSON.</summary>
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(new Snapshot(Version, this), JsonSerializerOptions.Web);

    /// <summary>Null where the bytes are no snapshot of a version that is read.</summary>
    public static MetaState? Decode(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize<Snapshot>(data, JsonSerializerOptions.Web) is { Version: Version, State: { } state } ? state : null;
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
