using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Bench;

/// <summary>
/// Clients of a Redis Cluster that send at a fixed rate whatever the answers do (open loop): half GET, half SET of 100 bytes. Latency runs from the moment at which a command
/// was to be sent to its final reply, redirects (MOVED, ASK) and TRYAGAIN included. Everything else that is no reply of success is an error.
/// </summary>
internal sealed class OpenLoad : IDisposable
{
    private const int MaxTries = 200;
    private static readonly string Value = new('v', 100);
    private readonly TimeProvider time = TimeProvider.System;
    private readonly int[] ports;
    private readonly int keys;
    private readonly int[] portOfSlot = new int[Slot.Count];
    private readonly Dictionary<int, Connection> connections = [];
    private readonly Lock gate = new();
    private readonly List<(long At, double Ms)> done = [];

    /// <param name="ports">Client ports of the cluster's nodes.</param>
    /// <param name="keys">Keys "k0" to "k{keys - 1}" are used.</param>
    public OpenLoad(int[] ports, int keys)
    {
        (this.ports, this.keys) = (ports, keys);
        Array.Fill(portOfSlot, ports[0]);
        foreach (var port in ports)
        {
            connections[port] = new Connection(port);
        }
    }

    /// <summary>Commands that failed, and the first of the answers.</summary>
    public (long Count, string First) Errors { get; private set; } = (0, "");

    /// <summary>Sends for a while.</summary>
    /// <param name="perSecond">Commands a second.</param>
    public async Task<LoadFigures> RunAsync(double perSecond, Func<TimeSpan, bool> goOn)
    {
        lock (gate)
        {
            done.Clear();
        }

        var began = time.GetTimestamp();
        var random = new Random(1);
        var pending = new List<Task>();
        var sent = 0L;
        while (goOn(time.GetElapsedTime(began)))
        {
            var due = (long)(time.GetElapsedTime(began).TotalSeconds * perSecond);
            for (; sent < due; sent++)
            {
                var at = began + (long)(sent / perSecond * time.TimestampFrequency);
                pending.Add(OneAsync("k" + random.Next(keys).ToString(CultureInfo.InvariantCulture), random.Next(2) == 0, at));
            }

            if (pending.Count > 10_000)
            {
                pending.RemoveAll(p => p.IsCompleted);
            }

            await Task.Delay(1);
        }

        await Task.WhenAll(pending);
        lock (gate)
        {
            return LoadFigures.Of(done, began, time);
        }
    }

    public void Dispose()
    {
        foreach (var connection in connections.Values)
        {
            connection.Dispose();
        }
    }

    private async Task OneAsync(string key, bool write, long at)
    {
        var slot = Slot.Of(Encoding.ASCII.GetBytes(key));
        var command = write ? Encode("SET", key, Value) : Encode("GET", key);
        var (port, asking) = (portOfSlot[slot], false);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var reply = await connections[port].SendAsync(asking, command);
            if (reply.Length > 0 && reply[0] is '+' or '$')
            {
                lock (gate)
                {
                    var now = time.GetTimestamp();
                    done.Add((now, time.GetElapsedTime(at, now).TotalMilliseconds));
                }

                return;
            }

            var words = reply.Split(' ');
            asking = words[0] == "-ASK";
            if (asking || words[0] == "-MOVED")
            {
                port = int.Parse(words[2].Split(':')[1], CultureInfo.InvariantCulture);
                portOfSlot[slot] = asking ? portOfSlot[slot] : port;
            }
            else if (words[0] == "-TRYAGAIN")
            {
                await Task.Delay(2);
            }
            else
            {
                Fail(reply);
                return;
            }
        }

        Fail("redirected without end");
    }

    private void Fail(string reply)
    {
        lock (gate)
        {
            Errors = (Errors.Count + 1, Errors.Count == 0 ? reply : Errors.First);
        }
    }

    private static byte[] Encode(params string[] words) =>
        Encoding.ASCII.GetBytes($"*{words.Length}\r\n{string.Concat(words.Select(w => $"${w.Length}\r\n{w}\r\n"))}");

    /// <summary>One connection on which commands are pipelined; replies come in their order. Of a bulk only its head is kept.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly TcpClient client;
        private readonly Channel<(byte[] Bytes, TaskCompletionSource<string> Reply, bool Asking)> queue = Channel.CreateUnbounded<(byte[], TaskCompletionSource<string>, bool)>();
        private readonly System.Collections.Concurrent.ConcurrentQueue<(TaskCompletionSource<string> Reply, bool Skip)> waiting = new();

        public Connection(int port)
        {
            client = new TcpClient("127.0.0.1", port) { NoDelay = true };
            _ = Task.Run(WriteAsync);
            _ = Task.Run(ReadAsync);
        }

        public Task<string> SendAsync(bool asking, byte[] command)
        {
            var reply = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Writer.TryWrite((command, reply, asking));
            return reply.Task;
        }

        public void Dispose()
        {
            queue.Writer.TryComplete();
            client.Dispose();
        }

        private async Task WriteAsync()
        {
            var stream = client.GetStream();
            using var buffer = new MemoryStream();
            while (await queue.Reader.WaitToReadAsync())
            {
                buffer.SetLength(0);
                while (buffer.Length < 65_536 && queue.Reader.TryRead(out var next))
                {
                    if (next.Asking)
                    {
                        buffer.Write("*1\r\n$6\r\nASKING\r\n"u8);
                        waiting.Enqueue((next.Reply, true));
                    }

                    buffer.Write(next.Bytes);
                    waiting.Enqueue((next.Reply, false));
                }

                await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
            }
        }

        private async Task ReadAsync()
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1, false, 65_536);
            try
            {
                while (await reader.ReadLineAsync() is { } line)
                {
                    // Values hold no line ends here: a bulk is its head and one line more.
                    if (line.StartsWith('$') && line != "$-1")
                    {
                        await reader.ReadLineAsync();
                    }

                    if (waiting.TryDequeue(out var next) && !next.Skip)
                    {
                        next.Reply.TrySetResult(line);
                    }
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Disposed, or the server went away: what waits is answered below.
            }

            while (waiting.TryDequeue(out var lost))
            {
                lost.Reply.TrySetResult("-connection lost");
            }
        }
    }
}

/// <summary>What a phase of load came to.</summary>
/// <param name="GapMs">Longest time in which no command was answered.</param>
internal sealed record LoadFigures(double PerSecond, double P50, double P99, double Max, double GapMs)
{
    public static LoadFigures Of(List<(long At, double Ms)> done, long began, TimeProvider time)
    {
        if (done.Count == 0)
        {
            return new LoadFigures(0, 0, 0, 0, 0);
        }

        var sorted = done.Select(d => d.Ms).Order().ToList();
        var ends = done.Select(d => d.At).Order().ToList();
        var gap = ends.Zip(ends.Skip(1)).Select(p => time.GetElapsedTime(p.First, p.Second).TotalMilliseconds).DefaultIfEmpty(0).Max();
        return new LoadFigures(
            done.Count / time.GetElapsedTime(began, ends[^1]).TotalSeconds, sorted[sorted.Count / 2], sorted[(int)((sorted.Count - 1) * 0.99)], sorted[^1], gap);
    }
}
