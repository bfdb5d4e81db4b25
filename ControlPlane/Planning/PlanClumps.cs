namespace ShardConsole.ControlPlane.Planning;

/// <summary>Segments that are asked for together: what belongs to a segment by its links, strongest first.</summary>
internal sealed class PlanClumps
{
    /// <summary>Most segments of a clump: larger ones are cut where they hold together least.</summary>
    public const int MaxSegments = 8;

    private readonly Dictionary<int, List<(int Partner, double Weight)>> links = [];

    /// <param name="pairs">Each pair once.</param>
    public PlanClumps(IReadOnlyList<SegmentLink> pairs)
    {
        foreach (var link in pairs)
        {
            Of(link.One.Value).Add((link.Other.Value, link.PerSecond));
            Of(link.Other.Value).Add((link.One.Value, link.PerSecond));
        }
    }

    /// <summary>A segment and those that it is asked for together with, directly or through others, ascending; at most <see cref="MaxSegments"/>.</summary>
    /// <param name="segment">Where to begin; it is always part of the answer.</param>
    /// <param name="belongs">Which others may be part of it.</param>
    public IReadOnlyList<int> Around(int segment, Func<int, bool> belongs)
    {
        var found = new SortedSet<int> { segment };
        while (found.Count < MaxSegments)
        {
            var next = found.SelectMany(s => links.GetValueOrDefault(s) ?? []).Where(l => l.Weight > 0 && !found.Contains(l.Partner) && belongs(l.Partner))
                .OrderByDescending(l => l.Weight).ThenBy(l => l.Partner).Select(l => (int?)l.Partner).FirstOrDefault();
            if (next is not { } partner)
            {
                break;
            }

            found.Add(partner);
        }

        return [.. found];
    }

    /// <summary>Which of some moves go together: for each its clump's number from 1, 0 where it goes alone. Moves between the same two shards whose segments are linked are one clump.</summary>
    public int[] Number(IReadOnlyList<PickedMove> moves)
    {
        var numbers = new int[moves.Count];
        var last = 0;
        for (var i = 0; i < moves.Count; i++)
        {
            var move = moves[i];
            if (numbers[i] != 0 || !links.ContainsKey(move.Segment))
            {
                continue;
            }

            var same = moves.Select((m, place) => (m.Segment, m.From, m.To, Place: place))
                .Where(m => m.From == move.From && m.To == move.To && numbers[m.Place] == 0).ToDictionary(m => m.Segment, m => m.Place);
            if (Around(move.Segment, same.ContainsKey) is { Count: > 1 } clump)
            {
                last++;
                foreach (var segment in clump)
                {
                    numbers[same[segment]] = last;
                }
            }
        }

        return numbers;
    }

    private List<(int Partner, double Weight)> Of(int segment) => links.TryGetValue(segment, out var partners) ? partners : links[segment] = [];
}
