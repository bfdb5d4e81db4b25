using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// What the leader of a shard's group does about migrations, for one term. Made after it has applied an entry of its own term; thrown away (after <see cref="Leave"/>) when it
/// leads no more. It asks M what is decided and proposes the entries that follow from it; the gates decide. No safety rests on what it remembers. Called from the loop thread;
/// the work is taken by <see cref="TakeWork"/> after each round of inputs. Times are microseconds of a clock that never goes back.
/// </summary>
internal sealed partial class ShardLeaderCore
{
    private readonly ShardMachine machine;
    private readonly ulong term;
    private readonly MigrationOptions options;
    private readonly CopyBudget nodeBudget;
    private readonly SegmentHold hold;
    private readonly RepeatGuard guard;
    private readonly Dictionary<ulong, MigrationOrder> orders = [];
    private readonly Dictionary<SegmentId, SourceStream> sources = [];
    private readonly Dictionary<SegmentId, TargetStream> targets = [];
    private readonly HashSet<ulong> alarmed = [];

    // A source measures how long a segment is closed: from its Freeze until it hears that the target serves.
    private readonly Dictionary<ulong, long> frozenAt = [];
    private readonly Dictionary<ulong, long> closedMicros = [];
    private readonly HashSet<ulong> closedNoted = [];

    private List<byte[]> proposals = [];
    private List<ShardMessage> messages = [];
    private List<string> alarms = [];
    private ulong question;
    private ImmutableArray<ulong> heldAtQuestion = [];
    private long askedAt;
    private bool wantsRecords = true;
    private ulong readIndex;
    private long progressAt;
    private CopyLimits limits;
    private bool decided;

    /// <param name="machine">The group's state machine, applied up to an entry of this term.</param>
    /// <param name="term">The term.</param>
    /// <param name="options">Options of the node.</param>
    /// <param name="nodeBudget">Copy limit that all streams of the node share.</param>
    /// <param name="nowMicros">Now.</param>
    /// <param name="hold">Runs an action under the segment's lock; null: without (nobody else looks at it).</param>
    public ShardLeaderCore(ShardMachine machine, ulong term, MigrationOptions options, CopyBudget nodeBudget, long nowMicros, SegmentHold? hold = null)
    {
        (this.machine, this.term, this.options, this.nodeBudget) = (machine, term, options, nodeBudget);
        this.hold = hold ?? (static (segment, action) => action(segment));
        guard = new RepeatGuard(options.RepeatMs * 1000L);
        askedAt = nowMicros - (options.AskMs * 1000L);
        progressAt = nowMicros;
    }

    /// <summary>True where some migration concerns this shard: the driver may tick it more seldom where none does.</summary>
    public bool IsBusy => orders.Count > 0 || sources.Count > 0 || targets.Count > 0;

    /// <summary>True while segments are sent to another shard.</summary>
    public bool Streams => sources.Count > 0;

    /// <summary>True while a segment is closed, or about to be, with this shard as source or target: nothing slow may happen on the node.</summary>
    public bool IsClosing { get; private set; }

    /// <summary>A message for this shard's leader.</summary>
    public void OnMessage(ShardMessage message, long nowMicros)
    {
        switch (message.Body)
        {
            case RecordsChanged:
                wantsRecords = true;
                break;

            case RecordsPushed pushed:
                OnPushed(pushed, nowMicros);
                break;

            case TargetServes serves:
                NoteServed(serves.Migration, nowMicros);
                break;

            case ClosedNoted noted:
                closedNoted.Add(noted.Migration);
                break;

            case RecordsAnswer answer:
                OnRecords(answer, nowMicros);
                break;

            case StreamAnswer answer when sources.TryGetValue(answer.Segment, out var source):
                source.OnAnswer(answer, nowMicros);
                DecideFor(answer.Segment, nowMicros);
                break;

            case StreamProbe probe when KnowsSegment(probe.Segment):
                OnProbe(probe, message.From.Shard, nowMicros);
                break;

            case StreamData data when KnowsSegment(data.Segment):
                Target(data.Segment, data.Migration, message.From.Shard)?.OnData(data, nowMicros, proposals, messages);
                break;
        }
    }

    /// <summary>An entry of the own group was applied.</summary>
    public void OnApplied(in ApplyResult result, long nowMicros)
    {
        if (result.Kind is 0 or ShardEntryKind.Command or ShardEntryKind.Expire or ShardEntryKind.Flush or ShardEntryKind.Check or ShardEntryKind.Repair)
        {
            // Effects go out with the next TakeWork, so that those of one round travel together.
            return;
        }

        if (result.Kind == ShardEntryKind.StreamApply)
        {
            if (targets.TryGetValue(result.Segment, out var target))
            {
                target.OnApplied(result.Outcome, nowMicros, messages);
            }

            if (result.StateChanged)
            {
                DecideFor(result.Segment, nowMicros);
            }

            return;
        }

        var (segment, kind) = (result.Segment, (int)result.Kind);
        if (result.Outcome == ApplyOutcome.Applied)
        {
            foreach (var order in orders.Values.Where(o => o.Segment == segment))
            {
                guard.Clear(kind, order.Id);
                if (result.Kind == ShardEntryKind.Activate && order.To == machine.Shard)
                {
                    messages.Add(new ShardMessage(GroupId.Of(machine.Shard), GroupId.Of(order.From), new TargetServes(order.Id, segment)));
                }
            }
        }

        DecideFor(segment, nowMicros);
    }

    /// <summary>Time has passed.</summary>
    public void Tick(long nowMicros)
    {
        foreach (var target in targets.Values)
        {
            target.Tick(nowMicros, messages);
        }

        foreach (var order in orders.Values.ToList())
        {
            Decide(order, nowMicros);
        }
    }

    /// <summary>Sends what streams may send, and hands out all that is owed. The lists are the caller's.</summary>
    public ShardWork TakeWork(long nowMicros)
    {
        MaybeAsk(nowMicros);
        foreach (var (segment, source) in sources)
        {
            source.Pump(nowMicros, messages);
            if (source.Complaint is not null)
            {
                DecideFor(segment, nowMicros);
            }
        }

        Report(nowMicros);
        if (proposals.Count + messages.Count + alarms.Count == 0 && !decided)
        {
            return ShardWork.None;
        }

        var work = new ShardWork(proposals, messages, alarms, decided);
        (proposals, messages, alarms, decided) = ([], [], [], false);
        return work;
    }

    /// <summary>The term is over: ends the recording of effects.</summary>
    public void Leave()
    {
        foreach (var source in sources.Values)
        {
            source.Stop();
        }

        sources.Clear();
    }

    private bool KnowsSegment(SegmentId id) => id.Value < machine.Segments.Count;

    private void MaybeAsk(long nowMicros)
    {
        // At whole multiples of the period, so that all leaders of a node ask in the same round: their questions share a read-index, and nobody is woken for one alone.
        var period = options.AskMs * 1000L;
        var due = nowMicros / period != askedAt / period;
        if (!due && !wantsRecords)
        {
            return;
        }

        (askedAt, wantsRecords) = (nowMicros, false);
        heldAtQuestion = [.. machine.Segments.Where(s => s.Migration != 0).Select(s => s.Migration).Distinct()];
        ToMeta(new AskRecords(++question, heldAtQuestion));
    }

    private void OnRecords(RecordsAnswer answer, long nowMicros)
    {
        if (answer.ReadIndex < readIndex)
        {
            return;
        }

        readIndex = answer.ReadIndex;
        Limit(answer.Limits);
        orders.Clear();
        foreach (var order in answer.Orders.Where(o => KnowsSegment(o.Segment)))
        {
            orders[order.Id] = order;
        }

        if (answer.Question == question)
        {
            AlarmUnknown();
        }

        guard.Keep(orders.ContainsKey);
        foreach (var (segment, source) in sources.ToList())
        {
            if (!orders.TryGetValue(source.Migration, out var order)
                || (source.IsBack ? order.Phase is not (MigrationPhase.Retaining or MigrationPhase.RollingBack) : order.From != machine.Shard))
            {
                source.Stop();
                sources.Remove(segment);
            }
        }

        foreach (var id in frozenAt.Keys.Concat(closedMicros.Keys).Where(id => !orders.ContainsKey(id)).ToList())
        {
            frozenAt.Remove(id);
            closedMicros.Remove(id);
        }

        closedNoted.RemoveWhere(id => !orders.ContainsKey(id));
        foreach (var id in closedMicros.Keys)
        {
            TellClosed(id);
        }

        LookForClosing();
        foreach (var order in orders.Values.ToList())
        {
            Decide(order, nowMicros);
        }
    }

    /// <summary>Records that have just changed: committed facts of M's log, so they need no question.</summary>
    private void OnPushed(RecordsPushed pushed, long nowMicros)
    {
        if (pushed.AppliedIndex < readIndex)
        {
            return;
        }

        readIndex = pushed.AppliedIndex;
        Limit(pushed.Limits);
        var news = pushed.Orders.Where(o => KnowsSegment(o.Segment)).ToList();
        foreach (var order in news)
        {
            orders[order.Id] = order;
        }

        LookForClosing();
        foreach (var order in news)
        {
            Decide(order, nowMicros);
        }
    }

    private void Limit(CopyLimits now)
    {
        limits = now;
        nodeBudget.BytesPerSecond = now.NodeBytesPerSecond;
        foreach (var source in sources.Values)
        {
            source.Limit(now.StreamBytesPerSecond);
        }
    }

    private void LookForClosing() => IsClosing = orders.Values.Any(
        o => o.Phase == MigrationPhase.CuttingOver || (o.Phase == MigrationPhase.Retaining && !o.Activated));

    /// <summary>M does not know a migration that is held here: it has ended. Nothing is dropped for that; somebody must look.</summary>
    private void AlarmUnknown()
    {
        foreach (var segment in machine.Segments)
        {
            if (segment.Migration != 0 && heldAtQuestion.Contains(segment.Migration) && !orders.ContainsKey(segment.Migration) && alarmed.Add(segment.Migration))
            {
                alarms.Add($"{machine.Shard} holds segment {segment.Id} in {segment.State} for migration {segment.Migration}, which the meta group does not know: nothing is dropped.");
            }
        }
    }

    private void OnProbe(StreamProbe probe, ShardId from, long nowMicros)
    {
        if (Target(probe.Segment, probe.Migration, from) is { } target)
        {
            target.OnProbe(probe, nowMicros, messages);
            return;
        }

        messages.Add(new ShardMessage(
            GroupId.Of(machine.Shard), GroupId.Of(from), new StreamAnswer(probe.Migration, probe.Segment, probe.Tag, false, false, ImportCursor.None, 0, false)));
    }

    private TargetStream? Target(SegmentId id, ulong migration, ShardId from)
    {
        var segment = machine.Segment(id);
        if (segment.State is not (SegmentState.Importing or SegmentState.Retained) || segment.Migration != migration)
        {
            targets.Remove(id);
            return null;
        }

        if (!targets.TryGetValue(id, out var target) || target.Migration != migration)
        {
            target = targets[id] = new TargetStream(migration, from, machine.Shard, segment, options);
        }

        return target;
    }

    private void ToMeta(MigrationMessage body) => messages.Add(new ShardMessage(GroupId.Of(machine.Shard), GroupId.Meta, body));
}
