using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Components.Fakes;

/// <summary>Six members and their replicas' equality, which remember what was asked of them. Real time stands at <see cref="Now"/>.</summary>
internal sealed class FakeMembers(FakeCluster cluster) : IMemberQueries, IMemberDesk, IIntegrityQueries, IIntegrityDesk
{
    public DateTimeOffset Now { get; } = TimeProvider.System.GetUtcNow();

    public List<MemberRow> Rows { get; } = [.. Enumerable.Range(1, 6).Select(i => Row(i))];

    public List<ReplicaChangeRow> Changes { get; } = [];

    public IntegrityView? View { get; set; }

    public bool CanStart { get; set; } = true;

    public Exception? Failure { get; set; }

    public List<string> Asked { get; } = [];

    public Outcome Answer { get; set; } = new(null, "");

    public static MemberRow Row(int number, MemberStage stage = MemberStage.Serving, string state = "alive") => new(
        new NodeId((ulong)number), $"n{number}", $"{(char)('a' + ((number - 1) / 2))}", $"10.0.0.{number}:7000", state, stage, [], 1, 300 + (100 * number),
        Enumerable.Range(1, 6).Where(p => p != number).ToDictionary(p => $"n{p}", p => 200 + (100 * number) + (10 * p)), 7, 2, number <= 3, number == 1, 6, "1.0.0", null, TimeProvider.System.GetUtcNow());

    public ReplicaChangeRow Change(ulong id, string group, string from, string to, ReplicaPhase phase) => new(
        id, group, [from], [to], phase, false, phase == ReplicaPhase.Done ? 1 : 0.4, "", "cluster", "The node is being emptied", Now.AddSeconds(-20), phase == ReplicaPhase.Done ? Now.AddSeconds(-5) : null, null!);

    public ComparisonRow Comparison(int shard, CheckOutcome outcome = CheckOutcome.Equal, params DifferenceRow[] listed) => new(
        new ShardId((ushort)shard), outcome, "", "period", 90_412, Now.AddMinutes(-11).AddSeconds(-1), Now.AddMinutes(-11), ["n1", "n2"], [], 86, 1204, 812_000, 940, listed.Length, listed.Count(d => d.Result == "repaired"), listed);

    public IntegrityView Equal() => new(
        [.. cluster.CurrentMap.Shards.Select(s => new ShardIntegrityRow(s.Id, "n1", "", Now.AddMinutes(49), Comparison(s.Id.Value)))], [], [], 12, 0, 0);

    public IReadOnlyList<MemberRow> Members() => Failure is null ? Rows : throw Failure;

    public MemberRow? Member(string nameOrId) => Rows.Find(m => m.Name == nameOrId);

    public IReadOnlyList<ReplicaRow>? Replicas(GroupId group) =>
        [new ReplicaRow(new NodeId(1), "n1", "a", "alive", "leader", true, 90, 0), new ReplicaRow(new NodeId(2), "n2", "a", "alive", "follower", false, 88, 2)];

    public IReadOnlyList<ReplicaChangeRow> ReplicaChanges() => Changes;

    public MembershipPlan FillPlan(NodeId node) => new(
        "membership", node, $"n{node.Value}", [new MembershipMove(new ShardId(7), "n3", $"n{node.Value}", true, 204_000_000, "n3 leads most.")], 204_000_000, []);

    public JoinHelp Join() => new(CanStart, "dotnet ShardConsole.NodeAgent.dll --seed 10.0.0.1:7201");

    public IntegrityView Integrity() => Failure is null ? View ??= Equal() : throw Failure;

    public IReadOnlyList<ComparisonRow> Comparisons() => [Comparison(7)];

    public Task<Outcome> AddAsync(string zone, string by, string reason, CancellationToken cancellation) => Ask($"add in \"{zone}\" by {by}: {reason}");

    public Task<Outcome> DrainAsync(NodeId node, bool thenLeave, string by, string reason, CancellationToken cancellation) => Ask($"drain {node.Value}{(thenLeave ? " and leave" : "")} by {by}: {reason}");

    public Task<Outcome> CancelDrainAsync(NodeId node, string by, string reason, CancellationToken cancellation) => Ask($"end drain {node.Value} by {by}: {reason}");

    public Task<Outcome> LeaveAsync(NodeId node, string by, string reason, CancellationToken cancellation) => Ask($"leave {node.Value} by {by}: {reason}");

    public Task<Outcome> RemoveAsync(NodeId node, string by, string reason, CancellationToken cancellation) => Ask($"remove {node.Value} by {by}: {reason}");

    public Task<Outcome> FillAsync(NodeId node, string by, string reason, CancellationToken cancellation) => Ask($"fill {node.Value} by {by}: {reason}");

    public Task<Outcome> ReplaceAsync(GroupId group, NodeId from, NodeId to, string by, string reason, CancellationToken cancellation) => Ask($"replace {group} {from.Value} {to.Value} by {by}: {reason}");

    public Task<Outcome> CancelReplicasAsync(ulong change, string by, string reason, CancellationToken cancellation) => Ask($"cancel {change} by {by}: {reason}");

    public Task<Outcome> CompareAsync(ShardId? shard, string by, string reason, CancellationToken cancellation) => Ask($"compare {shard?.ToString() ?? "all"} by {by}: {reason}");

    public Task<Outcome> DropOrphanAsync(SegmentId segment, string by, string reason, CancellationToken cancellation) => Ask($"drop {segment} by {by}: {reason}");

    private Task<Outcome> Ask(string what)
    {
        Asked.Add(what);
        return Task.FromResult(Answer);
    }
}
