using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Inspection;

/// <summary>
/// `NodeAgent verify FOLDER`: checks the write-ahead log, every checksum, the continuity of each log and the checkpoints against the applied index, and changes
/// nothing. Exit code 0: sound; 1: damaged; 2: it could not be checked.
/// </summary>
internal static class VerifyCommand
{
    private const int Sound = 0;
    private const int Damaged = 1;
    private const int NotChecked = 2;

    /// <summary>Writes the report and answers the exit code.</summary>
    public static int Run(string data, TextWriter output)
    {
        using var copy = StoreCopy.Open(data);
        if (copy.Opening.Store is not { } store)
        {
            output.WriteLine(copy.Opening.Message);
            output.WriteLine($"{data}: {(copy.Opening.Error == StoreOpenError.Damaged ? "DAMAGED, must not vote" : "not checked")}");
            return copy.Opening.Error == StoreOpenError.Damaged ? Damaged : NotChecked;
        }

        var report = StoreVerifier.Verify(store);
        output.WriteLine($"node {store.Identity.Node}, cluster {(store.Identity.ClusterId.Length > 0 ? store.Identity.ClusterId : "none yet")}, boot {store.Identity.Boot - 1}");
        foreach (var group in report.PerGroup)
        {
            output.WriteLine(
                $"group {group.Group}: term {group.HardState.Term}, vote {group.HardState.Vote}, commit {group.HardState.Commit}, snapshot {group.Snapshot}, log {group.First}..{group.Last}, {group.Checkpoints} checkpoints");
        }

        foreach (var header in report.BehindLog)
        {
            output.WriteLine($"note: the checkpoint of segment {header.Segment} in group {header.Group} is as of {header.AppliedIndex}, before the log begins: right where nothing has touched it since");
        }

        foreach (var damage in report.Damages)
        {
            output.WriteLine($"damage ({damage.Kind}): {damage.Message}");
        }

        var verdict = report.Damages.Count == 0 ? "sound"
            : report.Damages.Any(d => d.Quarantines) ? "DAMAGED, must not vote"
            : "DAMAGED checkpoints, fetched again from other replicas";
        output.WriteLine($"{data}: {verdict}; {report.Groups} groups, {report.Entries} log entries, {report.Checkpoints} checkpoints in {report.Chunks} chunks, {report.Bytes} bytes read");
        return report.Damages.Count == 0 ? Sound : Damaged;
    }
}
