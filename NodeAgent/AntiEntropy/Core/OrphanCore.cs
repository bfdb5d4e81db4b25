using System.Collections.Immutable;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>
/// Compares what a shard's group holds with what the meta group says, for one term of the shard's leader. What another shard owns and no open migration explains is an orphan:
/// it is shown and alarmed. It goes only when an operator asks: then the meta group is asked anew, and a Drop that names the state and id of that moment is proposed.
/// </summary>
internal sealed class OrphanCore(ShardMachine machine, ulong term, long periodMs)
{
    private readonly Dictionary<HeldSegment, OrphanStatus> orphans = [];
    private readonly HashSet<SegmentId> toDrop = [];
    private ulong question;
    private long askedAt = long.MinValue / 2;

    public ulong Term => term;

    /// <summary>Orphans as of the last answer, ascending.</summary>
    public ImmutableArray<OrphanStatus> Orphans => [.. orphans.Values.OrderBy(o => o.Segment)];

    /// <summary>Looks at the next occasion instead of when it is due.</summary>
    public void Hurry() => askedAt = long.MinValue / 2;

    /// <summary>An operator wants an orphan dropped. False: the segment is not known as one, or its state is none that can be dropped.</summary>
    public bool TryDrop(SegmentId segment)
    {
        if (!orphans.Keys.Any(o => o.Segment == segment && o.State is SegmentState.Importing or SegmentState.Retained))
        {
            return false;
        }

        toDrop.Add(segment);
        Hurry();
        return true;
    }

    /// <summary>The question that is due, to the leader of the meta group; null: none.</summary>
    public AskOwners? Look(long nowMs)
    {
        if (nowMs - askedAt < periodMs)
        {
            return null;
        }

        askedAt = nowMs;
        return new AskOwners(
            GroupId.Of(machine.Shard), term, ++question,
            [.. machine.Segments.Where(s => s.State != SegmentState.Absent).Select(s => new HeldSegment(s.Id, s.State, s.Migration))]);
    }

    /// <summary>The answer to the newest question.</summary>
    /// <returns>Drops to propose, and a sentence for each orphan that is new.</returns>
    public (IReadOnlyList<byte[]> Drops, IReadOnlyList<string> Alarms) OnAnswer(OwnersAnswer answer, long unixMs)
    {
        if (answer.Term != term || answer.Question != question)
        {
            return ([], []);
        }

        var (drops, alarms) = (new List<byte[]>(), new List<string>());
        var known = new Dictionary<HeldSegment, OrphanStatus>();
        foreach (var row in answer.Rows.Where(r => r.Held.Segment.Value < machine.Segments.Count && !r.IsOpen && r.Owner != machine.Shard))
        {
            var segment = machine.Segment(row.Held.Segment);
            if (segment.State != row.Held.State || segment.Migration != row.Held.Migration)
            {
                continue;
            }

            var isNew = !orphans.TryGetValue(row.Held, out var old);
            known[row.Held] = new OrphanStatus(
                segment.Id, segment.State.ToString(), segment.Migration, row.Owner, segment.Table?.Count ?? 0, segment.Table?.DataBytes ?? 0, old?.SinceUnixMs ?? unixMs);
            if (isNew)
            {
                alarms.Add($"{machine.Shard} holds segment {segment.Id} in {segment.State}({segment.Migration}), which the meta group gives to {row.Owner} without an open migration: an orphan. Nothing is dropped unless an operator asks.");
            }

            if (toDrop.Remove(segment.Id) && segment.State is SegmentState.Importing or SegmentState.Retained)
            {
                drops.Add(ShardEntryCodec.Drop(segment.Id, segment.State, segment.Migration));
                Hurry();
            }
        }

        orphans.Clear();
        foreach (var (held, status) in known)
        {
            orphans[held] = status;
        }

        return (drops, alarms);
    }

    /// <summary>What M's state says of held segments; for a leader of M that has confirmed itself after the question.</summary>
    public static OwnersAnswer Answer(MetaState state, AskOwners asked) => new(
        asked.Group, asked.Term, asked.Question,
        [.. asked.Held.Where(h => h.Segment.Value < state.Map.SegmentCount).Select(h => new OwnerRow(
            h, state.Map.OwnerOf(h.Segment),
            state.Migrations.ContainsKey(h.Migration)
                || state.Migrations.Values.Any(m => m.Segment == h.Segment && (m.From == asked.Group.Shard || m.To == asked.Group.Shard))))]);
}
