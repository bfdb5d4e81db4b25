using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Admin;

/// <summary>What a request of the admin port must keep to whatever the cluster's state is. Null: fine; else the field and what is wrong with it.</summary>
internal static class AdminChecks
{
    private const int MaxName = 256;
    private const int MaxReason = 4096;

    /// <param name="segmentCount">Segments of the cluster; 0 while it is not founded.</param>
    public static (string Field, string Problem)? Check(StartMigration request, int segmentCount) =>
        Text("planHash", request.PlanHash, 1, MaxName)
        ?? Range("moveNumber", request.MoveNumber, 1, int.MaxValue)
        ?? (segmentCount > 0 ? Range("segment", request.Segment.Value, 0, segmentCount - 1) : null)
        ?? Range("from", request.From.Value, 1, ushort.MaxValue)
        ?? Range("to", request.To.Value, 1, ushort.MaxValue)
        ?? Signed(request.By, request.Reason);

    public static (string Field, string Problem)? Check(ChangeMigration request) => Signed(request.By, request.Reason);

    public static (string Field, string Problem)? Check(ReplaceReplica request) =>
        request.From == request.To
            ? ("to", request.To.IsNone ? "Neither \"from\" nor \"to\" names a node: name one of them at least." : $"{request.To} is asked to take its own place: name two different nodes.")
            : Signed(request.By, request.Reason);

    public static (string Field, string Problem)? Check(TransferLeader request) =>
        request.To.IsNone || request.From.IsNone || request.From == request.To
            ? ("to", "Name two different nodes, \"from\" that leads and \"to\" that is to lead.")
            : Signed(request.By, request.Reason);

    public static (string Field, string Problem)? Check(StartCheck request) => Signed(request.By, request.Reason);

    public static (string Field, string Problem)? Check(SetHalt request) => Signed(request.By, request.Reason);

    public static (string Field, string Problem)? Check(MigrationLimits limits) =>
        Range("maxConcurrentMoves", limits.MaxConcurrentMoves, 1, 1024)
        ?? Range("nodeBytesPerSecond", limits.NodeBytesPerSecond, 1, long.MaxValue)
        ?? Range("clusterBytesPerSecond", limits.ClusterBytesPerSecond, 1, long.MaxValue)
        ?? Range("clientP99GuardMicros", limits.ClientP99GuardMicros, 0, 60_000_000)
        ?? Range("retainSeconds", limits.RetainSeconds, 0, 7 * 86_400)
        ?? Range("cutOverLimitMs", limits.CutOverLimitMs, 50, 60_000)
        ?? Range("maxNodeMoves", limits.MaxNodeMoves, 0, 1024)
        ?? Range("batchSegments", limits.BatchSegments, 1, 256);

    private static (string Field, string Problem)? Signed(string by, string reason) =>
        Text("by", by, 1, MaxName) ?? Text("reason", reason, 0, MaxReason);

    private static (string Field, string Problem)? Text(string field, string value, int least, int most) =>
        value.Length < least || value.Length > most ? (field, $"{value.Length} characters are outside {least}..{most}.") : null;

    private static (string Field, string Problem)? Range(string field, long value, long least, long most) =>
        value < least || value > most ? (field, $"{value} is outside {least}..{most}.") : null;
}
