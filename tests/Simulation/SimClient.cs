using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>
/// Writes unique values and reads them back, one operation at a time, and keeps the history. It knows nothing of the map: it goes round until somebody serves. A write that
/// was "not executed" is tried again as another write, with another value.
/// </summary>
internal sealed class SimClient(World world, int id)
{
    private const int GiveUpMs = 400;

    private long operation;
    private long attempts;
    private bool stopped;

    /// <summary>Operations answered.</summary>
    public int Completed { get; private set; }

    /// <summary>How many it must reach to count as served after healing.</summary>
    public int MustComplete { get; set; }

    public void Begin() => world.After(world.Random.Next(1, 20), () => Next(world.Random.Next(world.Nodes.Count)));

    public void Stop() => stopped = true;

    private void Next(int node)
    {
        if (stopped)
        {
            return;
        }

        var (key, segment) = world.Keys[world.Random.Next(world.Keys.Length)];
        operation++;
        Try(key, segment, world.Random.Next(2) == 0, world.Random.Next(10) == 0, node);
    }

    private void Try(string key, SegmentId segment, bool isWrite, bool removes, int node)
    {
        var ended = false;
        var command = new SimCommand(key, $"c{id}-{operation}.{++attempts}", removes, 0);
        var (start, floor) = (world.Now, world.Ledger.Floor(key));

        void End(Answered answered, string? read)
        {
            if (ended)
            {
                return;
            }

            ended = true;
            if (answered == Answered.NotExecuted && !stopped)
            {
                // Certainly not executed: it goes on elsewhere.
                world.After(world.Random.Next(1, 15), () => Try(key, segment, isWrite, removes, (node + 1) % world.Nodes.Count));
                return;
            }

            Record(command, isWrite, start, floor, answered, read);
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

            at.WhenRunning(() => at.Serve(command, segment, isWrite, (answered, read) => world.After(world.Random.Next(0, 3), () => End(answered, read))));
            world.After(GiveUpMs, () => End(Answered.Unknown, null));
        });
    }

    private void Record(SimCommand command, bool isWrite, long start, int floor, Answered answered, string? read)
    {
        if (answered == Answered.NotExecuted || (!isWrite && answered != Answered.Done))
        {
            return;
        }

        if (!world.History.TryGetValue(command.Key, out var history))
        {
            world.History[command.Key] = history = [];
        }

        world.Note(EventKind.Answer, (ulong)id, (ulong)start, (ulong)answered);
        history.Add(new Operation(isWrite, isWrite ? command.Value : read, start, answered == Answered.Done ? world.Now : long.MaxValue));
        if (!isWrite)
        {
            world.Ledger.OnRead(command.Key, read, floor);
        }
        else if (answered == Answered.Done)
        {
            world.Ledger.OnAcknowledged(command.Attempt);
        }
    }
}
