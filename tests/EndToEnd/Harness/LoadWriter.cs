using System.Collections.Concurrent;
using System.Globalization;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>
/// Writes rising numbers to its keys, several writers at once, each with keys of its own, until it is stopped. Afterwards every key must hold a number
/// that was sent and is not below the last acknowledged one.
/// </summary>
internal sealed class LoadWriter
{
    private readonly IReadOnlyList<int> ports;
    private readonly List<State> states;
    private readonly CancellationTokenSource stop = new();
    private readonly Task work;
    private readonly ConcurrentQueue<string> doubts = [];
    private long acknowledged;

    private LoadWriter(IReadOnlyList<int> ports, IEnumerable<string> keys, int writers)
    {
        this.ports = ports;
        states = [.. keys.Select(k => new State(k))];
        work = Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(() => WriteAsync([.. states.Where((_, i) => i % writers == w)]))));
    }

    /// <summary>Writes whose fate their client could not know, and why: it may not repeat such a one by itself.</summary>
    public IReadOnlyCollection<string> Unknown => doubts;

    public long Acknowledged => Interlocked.Read(ref acknowledged);

    /// <summary>True when a write was answered in a way that it must not be; <see cref="StopAndVerifyAsync"/> says how.</summary>
    public bool HasFailed => work.IsFaulted;

    public static LoadWriter Start(TestCluster cluster, IEnumerable<string> keys, int writers = 4) =>
        Start([.. cluster.Nodes.Select(n => n.ClientPort)], keys, writers);

    /// <param name="ports">Client ports of nodes that stay; others are found through them.</param>
    public static LoadWriter Start(IReadOnlyList<int> ports, IEnumerable<string> keys, int writers = 4) => new(ports, keys, writers);

    /// <summary>Ends when that many more writes are acknowledged.</summary>
    public Task WaitForMoreAsync(int count)
    {
        var until = Acknowledged + count;
        return Eventually.TrueAsync($"{count} more acknowledged writes", () => Task.FromResult(work.IsFaulted || Acknowledged >= until));
    }

    /// <summary>Stops writing and checks every key.</summary>
    public async Task StopAndVerifyAsync()
    {
        await stop.CancelAsync();
        await work;
        using var client = new ShardedClient(ports);
        var lost = new List<string>();
        foreach (var state in states)
        {
            var reply = await client.RepeatAsync("GET", state.Key);
            var value = reply.Text is null ? 0 : long.Parse(reply.Text, CultureInfo.InvariantCulture);
            if (value < state.Acknowledged || value > state.Sent)
            {
                lost.Add($"{state.Key}: holds {value}, acknowledged {state.Acknowledged}, sent {state.Sent}");
            }
        }

        Assert.Empty(lost);
    }

    private async Task WriteAsync(State[] own)
    {
        using var client = new ShardedClient(ports);
        while (!stop.IsCancellationRequested)
        {
            foreach (var state in own)
            {
                state.Sent++;
                var (fate, reply) = await client.TryAsync("SET", state.Key, state.Sent.ToString(CultureInfo.InvariantCulture));
                if (fate == Fate.Replied)
                {
                    Assert.Equal("+OK", reply!.ToString());
                    state.Acknowledged = state.Sent;
                    Interlocked.Increment(ref acknowledged);
                }
                else if (!stop.IsCancellationRequested)
                {
                    if (fate == Fate.Unknown)
                    {
                        doubts.Enqueue($"{state.Key} = {state.Sent}: {client.Doubt}");
                    }

                    // Nobody leads for a moment: a tight loop would only heat the machine.
                    await Task.Delay(20);
                }
            }
        }
    }

    private sealed class State(string key)
    {
        public string Key => key;

        public long Sent { get; set; }

        public long Acknowledged { get; set; }
    }
}
