using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>What moves would do, without taking them. A look costs only the sums that it touches, and where the target has room beyond doubt not even those.</summary>
internal sealed partial class Layout
{
    private readonly double[] preview;
    private readonly Touch[] touched;
    private readonly LoadSum scratch;
    private readonly List<PairTouch> pairTouched = [];

    // What a segment's leaving relieves, as of the versions of those whom it leaves (their sum: versions only grow).
    private readonly (double Gain, int Owner, long Version)[] leaving;

    // Scores of a segment alone, per role; made when first asked for.
    private readonly double[]?[][] alone;

    /// <summary>What a move would do: how much excess it removes, and whom it would push over.</summary>
    public MoveEffect Try(int segment, int to)
    {
        var count = FindTouched(owners[segment], to);
        double gain = 0, fullest = 0;
        for (var i = 0; i < count; i++)
        {
            var (limited, removed, added) = touched[i];
            if (double.IsPositiveInfinity(limited.Limit) || (added is null && limited.ExcessNow <= 0))
            {
                continue;
            }

            limited.Sum.Preview(preview, segment, removed, added);
            if (added is not null)
            {
                var harm = limited.FirstHarm(preview);
                if (harm >= 0)
                {
                    return new MoveEffect(0, 0, limited, harm, preview[harm]);
                }

                fullest = Math.Max(fullest, Limited.PeakOf(preview) / limited.Limit);
            }

            gain += limited.ExcessNow - limited.Excess(preview);
        }

        return new MoveEffect(gain, fullest, null, -1, 0);
    }

    /// <summary>
    /// Gain of a move to a shard that has room for it beyond doubt; null where only <see cref="Try"/> can tell. Scores are sublinear (the deviation of a sum is at
    /// most the sum of the deviations), so who stays inside its limit with the segment's own score on top is neither harmed nor relieved by it, and the gain is
    /// what the segment's leaving relieves: the same for all such targets.
    /// </summary>
    public double? SureGain(int segment, int to)
    {
        var from = owners[segment];
        if (!Shards[to].SurelyHolds(Alone(LoadRole.Lead, segment)))
        {
            return null;
        }

        foreach (var (node, role) in Roles[to])
        {
            if (RoleIn(from, node) is not null || !Nodes[node].SurelyHolds(Alone(role, segment)))
            {
                return null;
            }
        }

        return LeavingGain(segment);
    }

    /// <summary>Whether a move is certain to harm somebody: who takes load on is looked at in its fullest step alone. False says nothing.</summary>
    public bool SurelyHarms(int segment, int to)
    {
        var from = owners[segment];
        if (IsHarmedAtPeak(new PairTouch(Shards[to], new Change(segment, null, LoadRole.Lead), default)))
        {
            return true;
        }

        foreach (var (node, role) in Roles[to])
        {
            if (IsHarmedAtPeak(new PairTouch(Nodes[node], new Change(segment, RoleIn(from, node), role), default)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How much excess two moves in a row would remove, the second from where the first goes; null where somebody would be harmed.</summary>
    /// <param name="first">A segment.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="second">A segment of that shard.</param>
    /// <param name="place">Where that one goes.</param>
    public double? TryPair(int first, int to, int second, int place)
    {
        FindTouched(first, to, second, place);

        // Most pairs harm somebody, and most of these where it is fullest.
        foreach (var touch in pairTouched)
        {
            if (IsHarmedAtPeak(touch))
            {
                return null;
            }
        }

        double gain = 0;
        foreach (var touch in pairTouched)
        {
            scratch.CopyFrom(touch.Limited.Sum);
            Change(touch.First);
            Change(touch.Second);
            scratch.ScoresInto(preview);
            if (touch.Limited.FirstHarm(preview) >= 0)
            {
                return null;
            }

            gain += touch.Limited.ExcessNow - touch.Limited.Excess(preview);
        }

        return gain;

        void Change(Change change)
        {
            if (change.Removed is { } removed)
            {
                scratch.Add(removed, change.Segment, -1);
            }

            if (change.Added is { } added)
            {
                scratch.Add(added, change.Segment);
            }
        }
    }

    /// <summary>Whether a move from one shard to another is harm to somebody whatever the segment: it need not be looked at.</summary>
    public bool IsHopeless(int from, int to)
    {
        if (Shards[to].IsFull)
        {
            return true;
        }

        foreach (var (node, role) in Roles[to])
        {
            if (Nodes[node].IsFull && (RoleIn(from, node) is not { } before || (before == LoadRole.Follow && role == LoadRole.Lead)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Shards to which a move from a shard is not harm whatever the segment, in no order.</summary>
    public IEnumerable<int> OpenTargets(int from)
    {
        if (openVersion != version)
        {
            open.Clear();
            for (var i = 0; i < Shards.Length; i++)
            {
                isOpen[i] = !Shards[i].IsFull && !Array.Exists(Roles[i], r => Nodes[r.Node].IsFull);
                if (isOpen[i])
                {
                    open.Add(i);
                }
            }

            openVersion = version;
        }

        // A full node may take what it carries already, so beside those without full nodes only neighbours of the source can be open.
        var neighbours = Roles[from].SelectMany(r => hosted[r.Node]).Select(h => h.Shard).Where(s => !isOpen[s] && !IsHopeless(from, s)).Distinct();
        return open.Concat(neighbours);
    }

    // Everyone whose load changes, once, with the role that goes and the role that comes. Those who take on come first: they may refuse.
    private int FindTouched(int from, int to)
    {
        var count = 0;
        touched[count++] = new Touch(Shards[to], null, LoadRole.Lead);
        foreach (var (node, role) in Roles[to])
        {
            var before = RoleIn(from, node);
            if (before != role)
            {
                touched[count++] = new Touch(Nodes[node], before, role);
            }
        }

        touched[count++] = new Touch(Shards[from], LoadRole.Lead, null);
        foreach (var (node, role) in Roles[from])
        {
            if (RoleIn(to, node) is null)
            {
                touched[count++] = new Touch(Nodes[node], role, null);
            }
        }

        return count;
    }

    private LoadRole? RoleIn(int shard, int node)
    {
        foreach (var (holder, role) in Roles[shard])
        {
            if (holder == node)
            {
                return role;
            }
        }

        return null;
    }

    // Everyone whom two moves in a row concern, once, with what they change there.
    private void FindTouched(int first, int to, int second, int place)
    {
        var from = owners[first];
        pairTouched.Clear();
        Note(Shards[to], new Change(first, null, LoadRole.Lead), new Change(second, LoadRole.Lead, null));
        Note(Shards[place], new Change(first, place == from ? LoadRole.Lead : null, null), new Change(second, null, LoadRole.Lead));
        if (place != from)
        {
            Note(Shards[from], new Change(first, LoadRole.Lead, null), default);
        }

        foreach (var (node, role) in Roles[to])
        {
            Note(Nodes[node], new Change(first, RoleIn(from, node), role), new Change(second, role, RoleIn(place, node)));
        }

        foreach (var (node, role) in Roles[place])
        {
            if (RoleIn(to, node) is null)
            {
                Note(Nodes[node], new Change(first, RoleIn(from, node), null), new Change(second, null, role));
            }
        }

        foreach (var (node, role) in Roles[from])
        {
            if (place != from && RoleIn(to, node) is null && RoleIn(place, node) is null)
            {
                Note(Nodes[node], new Change(first, role, null), default);
            }
        }

        void Note(Limited limited, Change one, Change other)
        {
            if (double.IsFinite(limited.Limit) && (one.Removed != one.Added || other.Removed != other.Added))
            {
                pairTouched.Add(new PairTouch(limited, one.Removed == one.Added ? default : one, other.Removed == other.Added ? default : other));
            }
        }
    }

    private bool IsHarmedAtPeak(PairTouch touch)
    {
        var (limited, first, second) = touch;
        return double.IsFinite(limited.Limit)
            && limited.IsHarm(limited.PeakStepNow, limited.Sum.ScoreWith(limited.PeakStepNow, first.Segment, first.Removed, first.Added, second.Segment, second.Removed, second.Added));
    }

    private double LeavingGain(int segment)
    {
        var from = owners[segment];
        long versions = Shards[from].Version;
        foreach (var (node, _) in Roles[from])
        {
            versions += Nodes[node].Version;
        }

        ref var known = ref leaving[segment];
        if (known.Owner != from || known.Version != versions)
        {
            var gain = Relief(Shards[from], segment, LoadRole.Lead);
            foreach (var (node, role) in Roles[from])
            {
                gain += Relief(Nodes[node], segment, role);
            }

            known = (gain, from, versions);
        }

        return known.Gain;
    }

    private double Relief(Limited limited, int segment, LoadRole role)
    {
        if (limited.ExcessNow <= 0)
        {
            return 0;
        }

        limited.Sum.Preview(preview, segment, role, null);
        return limited.ExcessNow - limited.Excess(preview);
    }

    private ReadOnlySpan<double> Alone(LoadRole role, int segment)
    {
        ref var scores = ref alone[(int)role][segment];
        if (scores is null)
        {
            var sum = new LoadSum(field);
            sum.Add(role, segment);
            scores = sum.Scores();
        }

        return scores;
    }

    private readonly record struct Touch(Limited Limited, LoadRole? Removed, LoadRole? Added);

    // What a move changes of somebody's load: a segment's role there. Without roles: nothing.
    private readonly record struct Change(int Segment, LoadRole? Removed, LoadRole? Added);

    private readonly record struct PairTouch(Limited Limited, Change First, Change Second);
}
