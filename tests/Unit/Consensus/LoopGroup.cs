using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Consensus;

/// <summary>A group whose state machine is the list of what it applied; this node is replica 1.</summary>
internal sealed class LoopGroup(GroupId id, RaftCore core, GroupLog log, RaftLoopOptions options) : GroupReplica(id, core, log, options)
{
    public List<byte[]> Texts { get; } = [];

    public override ReadOnlyMemory<byte> SnapshotRecord => default;

    public static LoopGroup Of(ushort number, RaftLoopOptions options, params ulong[] voters)
    {
        var log = new GroupLog(new HardState(1, 0, 1), new SnapshotMark(1, 1, ConfigurationState.OfVoters(voters)));
        var core = new RaftCore(new RaftOptions { Id = 1, TickMs = options.TickMs, ElectionTicks = options.ElectionTicks, HeartbeatTicks = options.HeartbeatTicks, Random = new Random(number) }, log, 1);
        return new LoopGroup(new GroupId(number), core, log, options);
    }

    public override void AddSnapshotTo(StoreBatch batch, SnapshotMark mark) => throw new NotSupportedException();

    public override IEnumerable<SnapshotPart> SnapshotParts() => [];

    public override bool Stage(SnapshotMark mark, ReadOnlyMemory<byte> record, IReadOnlyList<SnapshotPart> parts) => false;

    public override void Close()
    {
    }

    public override void OnTick(long now)
    {
    }

    protected override void Apply(in Entry entry, IEntryWaiter? waiter)
    {
        Texts.Add(entry.Data.ToArray());
        (waiter as LoopWaiter)?.Applied();
    }

    protected override void OnSnapshotInstalled(SnapshotMark mark) => throw new NotSupportedException();

    protected override void OnStepped(long now)
    {
    }
}

/// <summary>Keeps what a proposal came to.</summary>
internal sealed class LoopWaiter : IEntryWaiter
{
    private readonly TaskCompletionSource<string> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> End => end.Task;

    public void Applied() => end.TrySetResult("applied");

    public void Lost() => end.TrySetResult("lost");

    public void Overwritten() => end.TrySetResult("overwritten");
}
