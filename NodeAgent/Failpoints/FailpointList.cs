namespace ShardConsole.NodeAgent.Failpoints;

/// <summary>All failpoints, for people and for checking rules. Each file point counts the operations of node.db and node.db-wal together.</summary>
internal static class FailpointList
{
    /// <summary>Names of points and what they are.</summary>
    public static readonly IReadOnlyList<(string Point, string About)> All =
    [
        ("write.before", "file: before bytes are written to node.db or node.db-wal"),
        ("write.after", "file: after they were written, before they are synced"),
        ("fsync.before", "file: before node.db or node.db-wal is synced"),
        ("fsync.after", "file: after it was synced, before anybody knows"),
        ("append.before", "before a batch of log entries and hard states goes to the store"),
        ("append.after", "after the batch is durable, before anything that it promises is sent or applied"),
        ("apply.before", "before a committed entry is applied"),
        ("apply.after", "after a committed entry is applied, before the reply leaves"),
        ("checkpoint.write", "before a segment's checkpoint is queued"),
        ("wal.checkpoint", "before the write-ahead log is moved into the database"),
        ("snapshot.send", "before a piece of a snapshot is sent"),
        ("snapshot.receive", "before a received piece of a snapshot is taken"),
        ("snapshot.install.before", "before a received snapshot is written"),
        ("snapshot.install.after", "after a received snapshot is durable, before the state machine takes it over"),
        ("table.corrupt", "when a replica that holds keys takes its digests for a comparison; with \"error\" the value of one key becomes another in this replica alone"),
        .. Phases("preparing", "shadowing", "verifying", "cuttingover", "retaining", "cleaning", "done", "aborting", "aborted"),
        ("map.commit.before", "before the meta group's leader proposes the commit of a migration"),
        ("map.commit.after", "after a replica of the meta group has applied a new map, before it tells anybody"),
        .. Entries("importing", "freeze", "activate", "unfreeze", "retained", "drop", "end"),
    ];

    private static readonly HashSet<string> Names = [.. All.Select(p => p.Point)];

    /// <summary>True for the name of a point.</summary>
    public static bool Knows(string point) => Names.Contains(point);

    private static IEnumerable<(string, string)> Phases(params string[] phases) =>
        phases.Select(p => ("migration." + p, $"after a replica of the meta group has applied that a migration is {p}"));

    private static IEnumerable<(string, string)> Entries(params string[] kinds) =>
        kinds.Select(k => ("segment." + k, $"after a shard's replica has applied a migration's entry \"{k}\""));
}
