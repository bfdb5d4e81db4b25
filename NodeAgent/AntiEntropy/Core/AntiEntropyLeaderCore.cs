using System.Collections.Immutable;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>
/// Compares the replicas of a shard, for one term of its leader. An entry of the shard's log is the index at which they are compared: each replica takes its digests when it
/// applies it. The leader asks for roots, then leaves, then buckets, and for each bucket that differs looks what a majority of the voters holds. Where it is itself of
/// the majority, an entry says what the bucket holds, and each replica that differs takes it over; where it is not, it hands over to one that is, which begins anew.
/// No safety rests on what it remembers: a repair applies only while nothing has touched the segment since it was read. Milliseconds of a clock that never goes back.
/// </summary>
internal sealed partial class AntiEntropyLeaderCore
{
    private readonly ShardMachine machine;
    private readonly NodeId self;
    private readonly GroupId group;
    private readonly AntiEntropyOptions options;
    private readonly SegmentHold hold;
    private readonly Dictionary<NodeId, CopyQuestions> copies = [];
    private readonly Dictionary<NodeId, long> askedAt = [];
    private readonly HashSet<NodeId> ready = [];
    private readonly List<(NodeId To, AntiEntropyMessage Message)> messages = [];
    private readonly List<byte[]> proposals = [];
    private readonly List<string> alarms = [];
    private ImmutableArray<NodeId> voters = [];
    private ImmutableArray<NodeId> others = [];
    private DigestPicture? own;
    private NodeId handOver;
    private string? wanted;
    private long nextAt;
    private long stepAt;
    private ulong number;
    private int round;
    private Tally tally = new("", 0);

    /// <param name="machine">The shard's state machine, applied up to an entry of this term.</param>
    /// <param name="self">This node.</param>
    /// <param name="term">The term.</param>
    /// <param name="options">Options of the node.</param>
    /// <param name="nextInMs">Time until the first comparison is due; negative: none is.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="hold">Runs an action under the segment's lock; null: without.</param>
    public AntiEntropyLeaderCore(ShardMachine machine, NodeId self, ulong term, AntiEntropyOptions options, long nextInMs, long nowMs, SegmentHold? hold = null)
    {
        (this.machine, this.self, this.options, Term) = (machine, self, options, term);
        group = GroupId.Of(machine.Shard);
        nextAt = nextInMs < 0 ? long.MaxValue : nowMs + nextInMs;
        this.hold = hold ?? (static (segment, action) => action(segment));
    }

    public ulong Term { get; }

    public CheckStep Step { get; private set; }

    /// <summary>The segment whose writes are not to be proposed now; null: none.</summary>
    public SegmentId? Held { get; private set; }

    /// <summary>The last comparison that ended in this term.</summary>
    public CheckReport? Last { get; private set; }

    /// <summary>Comparisons that ended in this term.</summary>
    public int Ended { get; private set; }

    /// <summary>When the next is due; <see cref="long.MaxValue"/>: never by itself.</summary>
    public long NextAtMs => wanted is not null ? 0 : nextAt;

    /// <summary>Asks for a comparison now; one that is under way goes on, and another follows.</summary>
    public void Begin(string by) => wanted = by;

    /// <summary>Bytes of a question or an answer, for the report.</summary>
    public void Exchanged(int bytes) => tally.Bytes += bytes;

    /// <summary>An answer of a replica.</summary>
    public void OnMessage(NodeId from, AntiEntropyMessage message, long nowMs)
    {
        if (message is CheckReady { Term: var asked } && asked == Term)
        {
            ready.Add(from);
        }
        else if (Step == CheckStep.Comparing && copies.TryGetValue(from, out var copy) && copy.Take(message))
        {
            Ask(from, copy, nowMs);
        }
    }

    /// <summary>The entry of a check was applied here.</summary>
    /// <param name="term">Term of the leader that proposed it.</param>
    /// <param name="checkNumber">Which of that leader's.</param>
    /// <param name="picture">What this replica holds at it; null where that is not known.</param>
    public void OnCheck(ulong term, ulong checkNumber, DigestPicture? picture, long nowMs)
    {
        if (Step != CheckStep.Proposed || term != Term || checkNumber != number)
        {
            return;
        }

        own = picture;
        Go(CheckStep.Comparing, nowMs);
        copies.Clear();
        askedAt.Clear();
        if (own is null)
        {
            return;
        }

        tally.Take(own);
        foreach (var other in others)
        {
            copies[other] = new CopyQuestions(own, options.SegmentsPerQuestion);
            Ask(other, copies[other], nowMs);
        }
    }

    /// <summary>Time has passed, or the group has moved: does what is due and hands out all that is owed.</summary>
    public AntiEntropyWork Look(GroupPicture picture, long nowMs, long unixMs)
    {
        switch (Step)
        {
            case CheckStep.Idle when (nowMs >= nextAt || wanted is not null) && !picture.Configuration.IsJoint:
                Start(picture, nowMs, unixMs);
                break;
            case CheckStep.Probing:
                Probe(nowMs, unixMs);
                break;
            case CheckStep.Proposed when nowMs - stepAt >= options.CompareMs:
                Finish(CheckOutcome.Incomplete, "The entry at which the replicas were to be compared was not committed in time", nowMs, unixMs);
                break;
            case CheckStep.Comparing:
                Compare(nowMs, unixMs);
                break;
            case CheckStep.Holding:
                ReadWhenApplied(picture, nowMs);
                break;
            case CheckStep.Repairing when current is not null && nowMs - stepAt >= options.RepairMs:
                TryAgain("the entry of the repair was not committed in time", nowMs);
                break;
        }

        // A repair that was refused or done leaves the next one to be begun.
        if (Step == CheckStep.Repairing && current is null)
        {
            NextRepair(picture, nowMs, unixMs);
        }

        if (messages.Count + proposals.Count + alarms.Count == 0 && handOver.IsNone)
        {
            return AntiEntropyWork.None;
        }

        var work = new AntiEntropyWork([.. messages], [.. proposals], handOver, [.. alarms]);
        messages.Clear();
        proposals.Clear();
        alarms.Clear();
        handOver = default;
        return work;
    }

    private void Start(GroupPicture picture, long nowMs, long unixMs)
    {
        tally = new Tally(wanted ?? "schedule", unixMs);
        wanted = null;
        round = 1;
        voters = [.. picture.Configuration.Voters.Select(v => new NodeId(v))];
        others = [.. picture.Configuration.Members().Select(m => new NodeId(m)).Where(n => n != self)];
        BeginRound(nowMs);
    }

    private void BeginRound(long nowMs)
    {
        ready.IntersectWith(others);
        askedAt.Clear();
        Go(CheckStep.Probing, nowMs);
    }

    /// <summary>No entry is written that a replica could not read: each says first that it knows checks.</summary>
    private void Probe(long nowMs, long unixMs)
    {
        var silent = others.Where(o => !ready.Contains(o)).ToList();
        if (silent.Count == 0)
        {
            proposals.Add(ShardEntryCodec.Check(Term, ++number));
            Go(CheckStep.Proposed, nowMs);
        }
        else if (nowMs - stepAt >= options.ProbeMs)
        {
            tally.Silent = [.. silent];
            Finish(CheckOutcome.Incomplete, "Not every replica answers, or not in a version that knows checks; they are compared when all do", nowMs, unixMs);
        }
        else
        {
            foreach (var node in silent.Where(n => IsDue(n, nowMs)))
            {
                messages.Add((node, new CheckProbe(group, Term)));
            }
        }
    }

    private void Compare(long nowMs, long unixMs)
    {
        if (own is null)
        {
            Finish(CheckOutcome.Incomplete, "The leader was started so lately that it does not know what it held at the index of the check", nowMs, unixMs);
            return;
        }

        var open = copies.Where(c => !c.Value.IsKnown && !c.Value.IsLost).ToList();
        if (open.Count > 0 && nowMs - stepAt < options.CompareMs)
        {
            foreach (var (node, copy) in open.Where(c => IsDue(c.Key, nowMs)))
            {
                Ask(node, copy, nowMs);
            }

            return;
        }

        tally.Silent = [.. copies.Where(c => !c.Value.IsKnown).Select(c => c.Key).Order()];
        tally.Compared = [.. copies.Where(c => c.Value.IsKnown).Select(c => c.Key).Append(self).Order()];
        var held = copies.Where(c => c.Value.IsKnown).ToDictionary(c => c.Key, c => c.Value.Copy());
        held[self] = own.Segments.ToDictionary(s => s.Segment);
        Judge(CheckJudge.Differences(held, voters), nowMs, unixMs);
    }

    private void Ask(NodeId node, CopyQuestions copy, long nowMs)
    {
        if (copy.Next(group) is { } question)
        {
            askedAt[node] = nowMs;
            messages.Add((node, question));
        }
    }

    private bool IsDue(NodeId node, long nowMs)
    {
        if (askedAt.TryGetValue(node, out var at) && nowMs - at < options.RepeatMs)
        {
            return false;
        }

        askedAt[node] = nowMs;
        return true;
    }

    private void Go(CheckStep step, long nowMs) => (Step, stepAt) = (step, nowMs);

    private void Finish(CheckOutcome outcome, string detail, long nowMs, long unixMs)
    {
        Last = tally.Report(outcome, detail, unixMs, options.MaxListed);
        Ended++;
        Held = null;
        current = null;
        queue.Clear();

        // A leader that is still one a while after it wanted to hand over tries again.
        nextAt = outcome == CheckOutcome.HandedOver ? nowMs + options.CompareMs : options.PeriodMs <= 0 || nextAt == long.MaxValue ? long.MaxValue : nowMs + options.PeriodMs;
        Go(CheckStep.Idle, nowMs);
    }
}
