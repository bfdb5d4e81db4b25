using System.Text.Json;
using System.Text.Json.Serialization;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// An entry of the meta group's log, as JSON. Persisted: kinds and fields are only added. Times are the proposing leader's, Unix milliseconds. Each is gated when it is
/// applied, so that proposing one twice changes nothing more. A kind that older versions cannot read has a higher <see cref="Level"/>, and is written only when the group's
/// <see cref="MetaState.Level"/> has come to it: when every member has said that it reads it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FoundCluster), "found")]
[JsonDerivedType(typeof(BeginMigration), "begin")]
[JsonDerivedType(typeof(AdmitMigration), "admit")]
[JsonDerivedType(typeof(NoteImporting), "importing")]
[JsonDerivedType(typeof(NoteVerified), "verified")]
[JsonDerivedType(typeof(AllowCutOver), "cutOver")]
[JsonDerivedType(typeof(CommitMigration), "commit")]
[JsonDerivedType(typeof(NoteActivated), "activated")]
[JsonDerivedType(typeof(FinishMigration), "done")]
[JsonDerivedType(typeof(AbortMigration), "abort")]
[JsonDerivedType(typeof(NoteEnded), "ended")]
[JsonDerivedType(typeof(PauseMigration), "pause")]
[JsonDerivedType(typeof(RollBack), "rollBack")]
[JsonDerivedType(typeof(ChangeHalt), "halt")]
[JsonDerivedType(typeof(ChangeLimits), "limits")]
[JsonDerivedType(typeof(SetReplicas), "setReplicas")]
[JsonDerivedType(typeof(NoteReplicas), "replicas")]
[JsonDerivedType(typeof(CancelReplicas), "cancelReplicas")]
[JsonDerivedType(typeof(MemberJoined), "joined")]
[JsonDerivedType(typeof(MemberLeft), "left")]
[JsonDerivedType(typeof(DrainMember), "drain")]
[JsonDerivedType(typeof(RaiseLevel), "level")]
[JsonDerivedType(typeof(NoteClosed), "closed")]
[JsonDerivedType(typeof(SetLeader), "setLeader")]
[JsonDerivedType(typeof(NoteBorn), "born")]
[JsonDerivedType(typeof(RemoveShard), "removeShard")]
internal abstract record MetaCommand(long UnixMs)
{
    /// <summary>Highest level that this version reads. Raised by one with each release that adds a kind.</summary>
    public const int NewestLevel = 3;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Level that every member must read before this may be written; 1 is what all versions read.</summary>
    [JsonIgnore]
    public virtual int Level => 1;

    /// <summary>Names the request: a second entry with the same id changes nothing and is answered as the first. Empty: the gates alone decide.</summary>
    public string RequestId { get; init; } = "";

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Null where the bytes are no command of this version.</summary>
    public static MetaCommand? Decode(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize<MetaCommand>(data, Json);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>Genesis; only as the first command.</summary>
internal sealed record FoundCluster(long UnixMs, Genesis Genesis) : MetaCommand(UnixMs);

/// <summary>Begins a migration, whose id is this entry's index. A known move answers the migration that it began.</summary>
internal sealed record BeginMigration(long UnixMs, string PlanHash, int MoveNumber, SegmentId Segment, ShardId From, ShardId To, string By, string Reason) : MetaCommand(UnixMs)
{
    public static BeginMigration Of(StartMigration request, long unixMs) =>
        new(unixMs, request.PlanHash, request.MoveNumber, request.Segment, request.From, request.To, request.By, request.Reason);
}

/// <summary>A place is free: the migration may start.</summary>
internal sealed record AdmitMigration(long UnixMs, ulong Migration) : MetaCommand(UnixMs);

/// <summary>T has committed Importing.</summary>
internal sealed record NoteImporting(long UnixMs, ulong Migration) : MetaCommand(UnixMs);

/// <summary>T has committed a marker at which all digests were equal.</summary>
internal sealed record NoteVerified(long UnixMs, ulong Migration) : MetaCommand(UnixMs);

/// <summary>A finished copy.</summary>
/// <param name="Ms">From its beginning to equal digests, milliseconds.</param>
/// <param name="PredictedMs">How long it was foreseen to take when a tenth was copied, milliseconds; 0 where nothing was foreseen.</param>
internal sealed record CopySummary(long Keys, long Bytes, long Ms, long PredictedMs);

/// <summary>CutOver(m): S may freeze.</summary>
internal sealed record AllowCutOver(long UnixMs, ulong Migration) : MetaCommand(UnixMs)
{
    /// <summary>What was copied, as M's leader knows it; kept with the record. Null where it knows nothing.</summary>
    public CopySummary? Copied { get; init; }
}

/// <summary>Commit(m): the one commit point.</summary>
/// <param name="ReadyIndex">Index of T's log at which T's committed Ready stands, as T's leader reported it; 0 is refused.</param>
internal sealed record CommitMigration(long UnixMs, ulong Migration, ulong ReadyIndex) : MetaCommand(UnixMs);

/// <summary>T has committed Activate.</summary>
internal sealed record NoteActivated(long UnixMs, ulong Migration) : MetaCommand(UnixMs);

/// <summary>Done(m): T has reported its committed Activate and retention has ended.</summary>
internal sealed record FinishMigration(long UnixMs, ulong Migration) : MetaCommand(UnixMs)
{
    /// <summary>Who ended retention.</summary>
    public string By { get; init; } = "cluster";

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "Retention has ended";
}

/// <summary>Ends Retaining(m) and begins its rollback, a migration of its own whose id is this entry's index, from T back to S. Only in Retaining.</summary>
internal sealed record RollBack(long UnixMs, ulong Migration, string By, string Reason) : MetaCommand(UnixMs);

/// <summary>Abort(m), or an operator's cancel: until Commit.</summary>
internal sealed record AbortMigration(long UnixMs, ulong Migration, string By, string Reason) : MetaCommand(UnixMs);

/// <summary>A group has committed End(m).</summary>
/// <param name="ClosedMicros">How long the segment was closed, as the source measured it; 0 where it was not or is not known.</param>
internal sealed record NoteEnded(long UnixMs, ulong Migration, ShardId Shard, long ClosedMicros) : MetaCommand(UnixMs);

/// <summary>A committed migration's segment is served again: how long it was closed. Kept from then on, also while it is retained.</summary>
/// <param name="Micros">As the source measured it, from Freeze until it heard of Activate; above 0.</param>
internal sealed record NoteClosed(long UnixMs, ulong Migration, long Micros) : MetaCommand(UnixMs)
{
    /// <inheritdoc/>
    public override int Level => 2;
}

/// <summary>Every member reads commands up to a level. Proposed only then, so it needs no level of its own.</summary>
internal sealed record RaiseLevel(long UnixMs, int To) : MetaCommand(UnixMs);

/// <summary>Pauses or resumes, before CutOver only.</summary>
internal sealed record PauseMigration(long UnixMs, ulong Migration, bool Paused, string By, string Reason) : MetaCommand(UnixMs);

/// <summary>Halts or resumes all migrations.</summary>
internal sealed record ChangeHalt(long UnixMs, bool Halted, string By, string Reason) : MetaCommand(UnixMs);

/// <summary>Replaces the limits.</summary>
internal sealed record ChangeLimits(long UnixMs, MigrationLimits Limits) : MetaCommand(UnixMs);
