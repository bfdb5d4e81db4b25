using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.AntiEntropy;

/// <summary>A shard's part in comparisons: its pictures as a replica, and, while this node leads it, the cores that compare. On the raft loop's thread.</summary>
internal sealed class ShardChecking(AntiEntropyDriver driver, ShardReplica replica) : IShardChecking
{
    /// <summary>A leader that hands over because of its copy is followed by a comparison if the successor leads within this time.</summary>
    private const int TakeOverMs = 60_000;

    private readonly AntiEntropyReplicaCore pictures = new(replica.Id);
    private readonly List<ILoopProposal> held = [];
    private AntiEntropyLeaderCore? core;
    private OrphanCore? orphans;
    private long takeOverUntil;
    private long nextScrubAt;
    private ulong scrubCursor;
    private int scrubSegment;
    private int ended;
    private CheckReport? last;

    /// <inheritdoc/>
    public bool IsHolding => core?.Held is not null;

    /// <inheritdoc/>
    public bool IsBusy => core is not null && (core.Step != CheckStep.Idle || core.NextAtMs == 0);

    /// <inheritdoc/>
    public bool TryHold(ILoopProposal proposal, ShardEntryKind kind, SegmentId segment)
    {
        if (core?.Held is not { } waiting || (kind != ShardEntryKind.Flush && segment != waiting) || held.Count >= driver.Options.MaxHeldWrites)
        {
            return false;
        }

        held.Add(proposal);
        return true;
    }

    /// <inheritdoc/>
    public void OnTerm(ulong servingTerm, long now)
    {
        if (core is not null && core.Term == servingTerm)
        {
            return;
        }

        (core, orphans) = (null, null);
        if (servingTerm != 0)
        {
            core = new AntiEntropyLeaderCore(replica.Machine, driver.Self, servingTerm, driver.Options, NextIn(), now, (segment, action) =>
            {
                lock (replica.Gate(segment.Id))
                {
                    action(segment);
                }
            });
            orphans = new OrphanCore(replica.Machine, servingTerm, driver.Options.OrphanMs);
            ended = 0;
            if (now < takeOverUntil)
            {
                core.Begin("hand-over");
            }

            takeOverUntil = 0;
        }

        Release(now);
    }

    /// <inheritdoc/>
    public void OnApplied(in Entry entry, in ApplyResult result)
    {
        if (result.Kind == ShardEntryKind.Check)
        {
            Corrupt();
            var (term, number) = ShardEntryCodec.Control(entry.Data.Span);
            var picture = DigestPicture.Of(replica.Machine);
            pictures.OnCheck(picture, ShardEntryCodec.Head(entry.Data.Span).TimeMs);
            core?.OnCheck(term, number, picture, driver.Now);
        }
        else if (result.Kind == ShardEntryKind.Repair && core is not null && RepairEntry.Read(entry.Data) is { } repair)
        {
            core.OnRepair(repair, result.Outcome);
        }
    }

    /// <inheritdoc/>
    public void OnStepped(long now)
    {
        if (core is { Step: not CheckStep.Idle })
        {
            Look(now);
        }
    }

    /// <summary>Time has passed.</summary>
    public void Tick(long now)
    {
        if (core is not null && (core.Step != CheckStep.Idle || now >= core.NextAtMs))
        {
            Look(now);
        }

        if (orphans?.Look(now) is { } question)
        {
            driver.ToMeta(question);
        }

        Scrub(now);
    }

    /// <summary>A message of another node about this shard.</summary>
    public void OnMessage(NodeId from, AntiEntropyMessage message, int bytes, long now)
    {
        switch (message)
        {
            case SuspectCopy:
                core?.Begin($"damage at {from}");
                return;
            case TakeOver:
                // It may come before this node leads, or after.
                takeOverUntil = core is null ? now + TakeOverMs : 0;
                core?.Begin("hand-over");
                return;
            case OwnersAnswer m when orphans is not null:
                var (drops, alarms) = orphans.OnAnswer(m, driver.UnixMs);
                foreach (var drop in drops)
                {
                    _ = replica.TryProposeControl(drop);
                }

                driver.Alarm(alarms);
                return;
        }

        if (pictures.Answer(message, replica.Applied) is { } answer)
        {
            driver.Send(from, answer);
        }
        else if (core is not null)
        {
            core.Exchanged(bytes);
            core.OnMessage(from, message, now);
            Look(now);
        }
    }

    /// <summary>Begins a comparison. False: this node does not lead the shard.</summary>
    public bool TryBegin(string by, long now)
    {
        core?.Begin(by);
        orphans?.Hurry();
        Tick(now);
        return core is not null;
    }

    /// <summary>Drops an orphan after asking the meta group once more. False: it is none, or not led here.</summary>
    public bool TryDrop(SegmentId segment, long now)
    {
        var known = orphans?.TryDrop(segment) == true;
        Tick(now);
        return known;
    }

    /// <summary>What is known here; null where this node does not lead and has never compared.</summary>
    public ShardIntegrity? Status(long now) => core is not null
        ? new ShardIntegrity(
            replica.Shard, true, core.Step == CheckStep.Idle ? "" : core.Step.ToString(),
            core.NextAtMs == long.MaxValue ? 0 : driver.UnixMs + Math.Max(0, core.NextAtMs - now), last, orphans?.Orphans ?? [])
        : last is not null ? new ShardIntegrity(replica.Shard, false, "", 0, last, []) : null;

    private void Look(long now)
    {
        var work = core!.Look(GroupPicture.Of(replica.Core), now, driver.UnixMs);
        foreach (var (to, message) in work.Messages)
        {
            core.Exchanged(driver.Send(to, message));
        }

        foreach (var entry in work.Proposals)
        {
            // What is not taken is missed by its time limit, and tried again.
            _ = replica.TryProposeControl(entry);
        }

        if (!work.HandOver.IsNone)
        {
            replica.Core.TransferLeadership(work.HandOver.Value, now);
        }

        driver.Alarm(work.Alarms);
        if (core.Ended != ended)
        {
            ended = core.Ended;
            last = core.Last!;
            driver.OnEnded(replica.Shard, last);
        }

        if (core.Held is null)
        {
            Release(now);
        }
    }

    private void Release(long now)
    {
        if (held.Count == 0)
        {
            return;
        }

        var waiting = held.ToArray();
        held.Clear();
        foreach (var proposal in waiting)
        {
            proposal.Begin(now);
        }
    }

    /// <summary>Time until the first comparison of a new leader: what is left since the last, as far as that is known here, else a share of the period that the shard's number says.</summary>
    private long NextIn()
    {
        var period = driver.Options.PeriodMs;
        var since = driver.UnixMs - pictures.LastCheckUnixMs;
        return period <= 0 ? -1
            : pictures.LastCheckUnixMs > 0 && since >= 0 ? Math.Max(0, period - since)
            : (long)(period * (replica.Shard.Value * 0.6180339887498949 % 1));
    }

    /// <summary>Reads on where it stands: one pass over all keys a period, a little per tick.</summary>
    private void Scrub(long now)
    {
        if (driver.Options.PeriodMs <= 0 || (scrubSegment == 0 && scrubCursor == 0 && now < nextScrubAt))
        {
            return;
        }

        if (scrubSegment == 0 && scrubCursor == 0)
        {
            nextScrubAt = now + driver.Options.PeriodMs;
        }

        for (var left = driver.Options.ScrubBytesPerTick; left > 0;)
        {
            var segment = replica.Machine.Segments[scrubSegment];
            var differed = false;
            lock (replica.Gate(segment.Id))
            {
                var bytes = 0L;
                scrubCursor = segment.Table?.Scrub(scrubCursor, out bytes, out differed) ?? 0;
                left -= bytes;
            }

            if (differed)
            {
                driver.Alarm([$"Segment {segment.Id} of {replica.Shard} holds other bytes in this node's memory than were written: the memory is damaged. The replicas are compared and the copy is repaired."]);
                driver.Send(core is null ? replica.Leader : driver.Self, new SuspectCopy(replica.Id));
            }

            if (scrubCursor == 0)
            {
                scrubSegment = (scrubSegment + 1) % replica.Machine.Segments.Count;
                if (scrubSegment == 0)
                {
                    return;
                }
            }
        }
    }

    /// <summary>A test lets one replica's table be another: at a check, in the first segment that holds a key.</summary>
    private void Corrupt()
    {
        if (!Failpoint.IsArmed || replica.Machine.Segments.FirstOrDefault(s => s is { State: SegmentState.Owned, Table.Count: > 0 }) is not { } segment
            || Failpoint.Ask("table.corrupt") is null)
        {
            return;
        }

        lock (replica.Gate(segment.Id))
        {
            byte[]? key = null;
            segment.Table!.Scan(0, 1, (ReadOnlySpan<byte> first, in StoredValue _) =>
            {
                key = first.ToArray();
                return false;
            });
            segment.Table.Set(key, ValueKind.String, "corrupted by a failpoint"u8, 0);
        }
    }
}
