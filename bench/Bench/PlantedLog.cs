namespace ShardConsole.Bench;

/// <summary>A generated log with segments that are used together and segments that are used one after the other, among skewed accesses that mean nothing.</summary>
internal sealed class PlantedLog
{
    /// <summary>Stands for accesses that were not sampled.</summary>
    public const ulong Gap = ulong.MaxValue;

    private const int Connections = 40;
    private const int Sampled = 200;

    private readonly int segments;

    private PlantedLog(int segments, List<int[]> clumps, List<int[]> chains) => (this.segments, Clumps, Chains) = (segments, clumps, chains);

    /// <summary>Planted clumps of three to six segments.</summary>
    public IReadOnlyList<int[]> Clumps { get; }

    /// <summary>Planted chains of three or four segments.</summary>
    public IReadOnlyList<int[]> Chains { get; }

    /// <summary>Plants clumps in an eighth of the segments and chains in as many others.</summary>
    public static PlantedLog Create(int segments, int seed)
    {
        var random = new Random(seed);
        var order = Enumerable.Range(0, segments).ToArray();
        random.Shuffle(order);
        var next = 0;
        List<int[]> Take(int share, int least, int most)
        {
            var groups = new List<int[]>();
            for (var end = next + (segments / share); next + most <= end;)
            {
                var size = random.Next(least, most + 1);
                groups.Add(order[next..(next + size)]);
                next += size;
            }

            return groups;
        }

        return new PlantedLog(segments, Take(8, 3, 6), Take(8, 3, 4));
    }

    /// <summary>Accesses as agents sample them: 200 in a row of all connections together, then a gap.</summary>
    public IEnumerable<(ulong Stream, long UnixMs, int Segment)> Accesses(int count, int seed)
    {
        var random = new Random(seed + 1);
        var waiting = Enumerable.Range(0, Connections).Select(_ => new Queue<int>()).ToArray();
        for (var i = 0; i < count; i++)
        {
            if (i % Sampled == Sampled - 1)
            {
                yield return (Gap, 0, 0);
            }

            var connection = random.Next(Connections);
            if (waiting[connection].Count == 0)
            {
                Fill(waiting[connection], random);
            }

            yield return ((ulong)connection + 1, i, waiting[connection].Dequeue());
        }
    }

    // What a connection does next: one chain, some accesses within a clump, or one access anywhere, the low numbers of a shuffled order more often.
    private void Fill(Queue<int> into, Random random)
    {
        var choice = random.NextDouble();
        if (choice < 0.1)
        {
            foreach (var segment in Pick(Chains, random))
            {
                into.Enqueue(segment);
            }
        }
        else if (choice < 0.25)
        {
            var clump = Pick(Clumps, random);
            for (var k = random.Next(2, 6); k > 0; k--)
            {
                into.Enqueue(clump[random.Next(clump.Length)]);
            }
        }
        else
        {
            into.Enqueue((int)(segments * Math.Pow(random.NextDouble(), 2)));
        }
    }

    private static int[] Pick(IReadOnlyList<int[]> groups, Random random) => groups[(int)(groups.Count * Math.Pow(random.NextDouble(), 1.3))];
}
