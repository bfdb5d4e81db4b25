using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.Unit.Routing;

namespace ShardConsole.Unit.Resp;

/// <summary>A client connected through memory to a real connection over a node of fakes.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    // The connection runs on the thread that sends, until it waits: so a test knows what it has done by then.
    private readonly Pipe toServer = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 1 << 24, resumeWriterThreshold: 1 << 23, useSynchronizationContext: false));

    private readonly Pipe toClient;
    private readonly CancellationTokenSource closed = new();
    private readonly CancellationTokenSource asked = new();
    private readonly CancellationTokenSource guard = new(TimeSpan.FromSeconds(30));
    private string unread = "";

    public TestClient(FakeNodeView view, ClientProtocolOptions? options = null, FakeTimeProvider? clock = null, FakeLoad? load = null, long clientWindow = 1 << 24)
    {
        Clock = clock ?? NewClock();
        Options = options ?? new ClientProtocolOptions();
        Services = new ClientServices(
            view, load ?? new FakeLoad(), CommandTable.Default, Options, new NodeFacts("127.0.0.1", 7001, "/data", 0, new string('a', 40)), Clock, new Random(1));
        Session = Services.Clients.TryAdd("10.9.9.9:5", "10.0.0.1:7001", Clock.GetUtcNow(), Options.MaxClients)!;
        toClient = new Pipe(new PipeOptions(pauseWriterThreshold: clientWindow, resumeWriterThreshold: clientWindow / 2, useSynchronizationContext: false));
        Running = new ClientConnection(Services, Session, new Duplex(toServer.Reader, toClient.Writer)).RunAsync(closed.Token, asked.Token);
        _ = Running.ContinueWith(_ => toClient.Writer.Complete(), TaskScheduler.Default);
    }

    public FakeTimeProvider Clock { get; }

    public ClientProtocolOptions Options { get; }

    public ClientServices Services { get; }

    public ClientSession Session { get; }

    /// <summary>Ends when the connection does.</summary>
    public Task Running { get; }

    /// <summary>Unix milliseconds 1,000,000,000,000.</summary>
    public static FakeTimeProvider NewClock() => new(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000_000_000));

    /// <summary>Sends inline commands, or any bytes as Latin-1.</summary>
    public async Task SendAsync(string text) => await toServer.Writer.WriteAsync(Encoding.Latin1.GetBytes(text), guard.Token);

    /// <summary>Ends the client's sending side.</summary>
    public void EndSending() => toServer.Writer.Complete();

    /// <summary>The node stops: the connection is asked to end.</summary>
    public Task AskToEndAsync() => asked.CancelAsync();

    /// <summary>Reads exactly as much as is expected and compares it.</summary>
    public async Task ExpectAsync(string expected)
    {
        while (unread.Length < expected.Length && expected.StartsWith(unread, StringComparison.Ordinal))
        {
            if (!await ReadMoreAsync())
            {
                break;
            }
        }

        Assert.Equal(expected, unread[..Math.Min(unread.Length, expected.Length)]);
        unread = unread[expected.Length..];
    }

    /// <summary>Reads to the end of the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (await ReadMoreAsync())
        {
        }

        return unread;
    }

    /// <summary>Sends one inline command and reads its whole reply, found out by a PING behind it.</summary>
    public async Task<string> CallAsync(string command)
    {
        const string Mark = "$8\r\n--mark--\r\n";
        await SendAsync(command + "\r\nPING --mark--\r\n");
        while (!unread.EndsWith(Mark, StringComparison.Ordinal) && await ReadMoreAsync())
        {
        }

        var reply = unread.EndsWith(Mark, StringComparison.Ordinal) ? unread[..^Mark.Length] : unread;
        unread = "";
        return reply;
    }

    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync();
        toServer.Writer.Complete();
        toClient.Reader.Complete();
        await Running.ContinueWith(_ => { }, TaskScheduler.Default);
        closed.Dispose();
        guard.Dispose();
    }

    private async Task<bool> ReadMoreAsync()
    {
        var result = await toClient.Reader.ReadAsync(guard.Token);
        unread += Encoding.Latin1.GetString(result.Buffer.ToArray());
        toClient.Reader.AdvanceTo(result.Buffer.End);
        return !result.IsCompleted;
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
