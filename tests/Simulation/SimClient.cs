using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>Writes unique values and reads them back, one operation at a time, and keeps the history. It knows nothing of the map: it goes round until somebody serves.</summary>
internal sealed class SimClient(World world, int id)
{
    private const int GiveUpMs = 400;

    private long operation;
    private bool stopped;

    /// <summary>Operations answered.</summary>
    public int Completed { get; private set; }

    /// <summary>How many it must reach to count as served after healing.</summary>
    public int MustComplete { get; set; }

    public void Begin() => world.After(world.Random.Next(1, 20), () => Next(world.Random.Next(world.Options.Nodes)));

    public void Stop() => stopped = true;

    private void Next(int node)
    {
        if (stopped)
        {
            return;
        }

        var (key, segment) = world.Keys[world.Random.Next(world.Keys.Length)];
        var isWrite = world.Random.Next(2) == 0;
        var number = ++operation;
        var value = !isWrite ? null : world.Random.Next(10) == 0 ? "" : $"c{id}-{number}";
        Try(key, segment, isWrite, value, number, world.Now, node);
    }

    private void Try(string key, SegmentId segment, bool isWrite, string? value, long number, long start, int node)
    {
        var ended = false;

        void End(Answered answered, string? read)
        {
            if (ended)
            {
                return;
            }

            ended = true;
            if (answered == Answered.NotExecuted && !stopped)
            {
                // Certainly not executed: the same operation goes on elsewhere.
                world.After(world.Random.Next(1, 15), () => Try(key, segment, isWrite, value, number, start, (node + 1) % world.Options.Nodes));
                return;
            }

            Record(key, isWrite, value, start, answered, read);
            Completed += answered == Answered.Done ? 1 : 0;
            world.After(world.Random.Next(1, 25), () => Next(node));
        }

        world.After(world.Random.Next(0, 3), () =>
        {
            var at = world.Nodes[node];
            if (!at.IsUp)
            {
                End(Answered.NotExecuted, null);
                return;
            }

            at.WhenRunning(() => at.Serve(key, segment, isWrite, value, (answered, read) => world.After(world.Random.Next(0, 3), () => End(answered, read))));
            world.After(GiveUpMs, () => End(Answered.Unknown, null));
        });
    }

    private void Record(string key, bool isWrite, string? value, long start, Answered answered, string? read)
    {
        if (!isWrite && answered != Answered.Done)
        {
            return;
        }

        if (!world.History.TryGetValue(key, out var history))
        {
            world.History[key] = history = [];
        }

        world.Note(EventKind.Answer, (ulong)id, (ulong)start, (ulong)answered);
        var written = string.IsNullOrEmpty(value) ? null : value;
        history.Add(new Operation(isWrite, isWrite ? written : read, start, answered == Answered.Done ? world.Now : long.MaxValue));
    }
}
