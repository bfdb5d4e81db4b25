using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Node;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>This node's replica of the meta group. What it applies is what the node knows of its cluster.</summary>
internal sealed class MetaReplica : GroupReplica, IMetaView
{
    private readonly RaftLoop loop;
    private readonly ShardServices services;
    private ReadOnlyMemory<byte> record;
    private MetaState? staged;
    private bool writing;
    private ulong leader;
    private ulong term;
    private ulong servingTerm;

    /// <param name="machine">Restored from its record.</param>
    /// <param name="core">At the applied index of the machine.</param>
    /// <param name="log">The persisted log.</param>
    /// <param name="record">The state as of the log's snapshot mark.</param>
    /// <param name="loop">The loop that owns this replica.</param>
    /// <param name="services">Shared with the shards.</param>
    public MetaReplica(MetaMachine machine, RaftCore core, GroupLog log, ReadOnlyMemory<byte> record, RaftLoop loop, ShardServices services)
        : base(GroupId.Meta, core, log, services.Options)
    {
        Machine = machine;
        this.record = record;
        this.loop = loop;
        this.services = services;
    }

    /// <summary>The replicated state; <see cref="MetaMachine.State"/> may be read from any thread.</summary>
    public MetaMachine Machine { get; }

    /// <inheritdoc/>
    public NodeId Leader => new(Volatile.Read(ref leader));

    /// <inheritdoc/>
    public ulong Term => Volatile.Read(ref term);

    /// <summary>Term in which this replica leads and serves; 0 when it does not. From any thread.</summary>
    public ulong ServingTerm => Volatile.Read(ref servingTerm);

    /// <summary>Does what the meta group's leader owes to migrations.</summary>
    public IMetaLeading? Leading { get; set; }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> SnapshotRecord => record;

    /// <summary>Proposes a command and waits for its answer. From any thread. A command that not every member reads yet is not proposed. An answer "unavailable" was certainly not executed, "unknown" may be.</summary>
    public async Task<MetaAnswer> ProposeAsync(MetaCommand command, CancellationToken cancellation)
    {
        if (command.Level > Machine.State.Level)
        {
            return new MetaAnswer(
                false, 0, "version", $"Not every member reads this yet (level {command.Level}, the cluster is at {Machine.State.Level}): bring all members to one version first.");
        }

        var proposal = new Proposal(this, command.Encode());
        loop.Propose(proposal);
        return await proposal.Answer.WaitAsync(cancellation);
    }

    /// <summary>Proposes a command for which nobody waits; not one that not every member reads yet. On the loop's thread.</summary>
    public bool TryPropose(MetaCommand command) => command.Level <= Machine.State.Level && TryPropose(command.Encode(), null);

    /// <inheritdoc/>
    public override void OnTick(long now)
    {
        if (writing || Log.BytesHeld < services.Options.MinMetaLogBytes || Log.TermOf(Applied) is not { } appliedTerm || Applied <= Log.Snapshot.Index)
        {
            return;
        }

        writing = true;
        var mark = new SnapshotMark(Applied, appliedTerm, Core.Configuration);
        var written = Machine.State.Encode();
        loop.Write(new StoreStep(
            written.Length,
            batch =>
            {
                batch.SetRecord(Id, written);
                batch.SetSnapshot(Id, mark);
                batch.TruncateBefore(Id, mark.Index + 1, mark.Term);
            },
            () =>
            {
                writing = false;
                if (mark.Index > Log.Snapshot.Index)
                {
                    record = written;
                    Log.SetSnapshot(mark);
                    Log.TruncateBefore(mark.Index + 1);
                }
            }));
    }

    /// <inheritdoc/>
    public override IEnumerable<SnapshotPart> SnapshotParts() => [];

    /// <inheritdoc/>
    public override bool Stage(SnapshotMark mark, ReadOnlyMemory<byte> received, IReadOnlyList<SnapshotPart> parts)
    {
        staged = MetaState.Decode(received.Span);
        record = staged is null ? record : received;
        return staged is not null;
    }

    /// <inheritdoc/>
    public override void AddSnapshotTo(StoreBatch batch, SnapshotMark mark) => batch.SetRecord(Id, record);

    /// <inheritdoc/>
    public override void Close()
    {
        Volatile.Write(ref leader, 0);
        Volatile.Write(ref servingTerm, 0);
        Leading?.OnTerm(0, loop.Now);
        Leading = null;
    }

    /// <summary>Tells the node what the group has decided so far.</summary>
    public void Publish() => services.Knowledge.Learn(ToClusterState(Machine.State, Leader));

    /// <inheritdoc/>
    protected override void Apply(in Entry entry, IEntryWaiter? waiter)
    {
        var before = Machine.State;
        var result = Machine.Apply(entry);
        var after = Machine.State;
        HitFailpoints(before, after, result.Answer.MigrationId);
        if (before.Map != after.Map || before.Members != after.Members || before.Limits != after.Limits || before.Halted != after.Halted || before.HaltedBy != after.HaltedBy
            || before.Draining != after.Draining || before.Retiring != after.Retiring || before.Level != after.Level || before.MetaReplicas != after.MetaReplicas)
        {
            Publish();
        }

        (waiter as Proposal)?.Applied(result.Answer);
        Leading?.OnApplied(entry, result);
    }

    /// <inheritdoc/>
    protected override void OnSnapshotInstalled(SnapshotMark mark)
    {
        Machine.Restore(staged ?? throw new InvalidOperationException($"Raft takes a snapshot of the meta group at {mark.Index}, whose data were not received."));
        staged = null;
        Publish();
    }

    /// <inheritdoc/>
    protected override void OnStepped(long now)
    {
        Volatile.Write(ref leader, KnownLeader);
        Volatile.Write(ref term, Core.Term);
        var serving = IsServing ? Core.Term : 0;
        if (serving != servingTerm)
        {
            Volatile.Write(ref servingTerm, serving);
            Leading?.OnTerm(serving, now);
        }

        Leading?.OnStepped(now);
    }

    private static void HitFailpoints(MetaState before, MetaState after, ulong migration)
    {
        if (!Failpoint.IsArmed)
        {
            return;
        }

        if (after.Find(migration) is { } record && before.Find(migration)?.Phase != record.Phase)
        {
            Failpoint.Hit("migration.", record.Phase.ToString());
        }

        if (after.Map != before.Map && before.Map.Epoch > 0)
        {
            Failpoint.Hit("map.commit.after");
        }
    }

    /// <summary>The state in the words of the contract.</summary>
    public static ClusterState ToClusterState(MetaState state, NodeId leader) => new(
        state.Genesis?.ClusterId ?? "", state.Map, state.Map.Digest(), state.Members, state.Limits, state.Halted, state.HaltedBy, leader)
    {
        MetaReplicas = state.ReplicasOf(GroupId.Meta),
        Draining = state.Draining,
        Retiring = state.Retiring,
        CommandLevel = state.Level,
    };

    private sealed class Proposal(MetaReplica replica, byte[] entry) : ILoopProposal, IEntryWaiter
    {
        private readonly TaskCompletionSource<MetaAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<MetaAnswer> Answer => answer.Task;

        public void Begin(long now)
        {
            if (!replica.IsServing || !replica.TryPropose(entry, this))
            {
                answer.TrySetResult(new MetaAnswer(false, 0, "unavailable", "This node does not lead the meta group now. Ask again."));
            }
        }

        public void Applied(MetaAnswer given) => answer.TrySetResult(given);

        public void Lost() =>
            answer.TrySetResult(new MetaAnswer(false, 0, "unknown", "The meta group's leadership changed while the request was under way: it may or may not be in force. Look, and ask again."));

        public void Overwritten() => answer.TrySetResult(new MetaAnswer(false, 0, "unavailable", "The meta group's leadership changed; the request is not in force. Ask again."));
    }
}

/// <summary>What the leader of the meta group does for migrations. On the raft loop's thread.</summary>
internal interface IMetaLeading
{
    /// <summary>The replica serves in this term from now on; 0: it no longer does.</summary>
    void OnTerm(ulong servingTerm, long now);

    /// <summary>An entry was applied (also on replicas that do not lead).</summary>
    void OnApplied(in Entry entry, MetaResult result);

    /// <summary>After every round of the loop.</summary>
    void OnStepped(long now);
}
