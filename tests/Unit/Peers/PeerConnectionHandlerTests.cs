using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Time.Testing;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Peers;

public sealed class PeerConnectionHandlerTests : IDisposable
{
    private static readonly NodeId Self = new(1);
    private static readonly NodeId Caller = new(2);
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly FakeTimeProvider time = new();
    private readonly PeerHub hub;
    private readonly List<byte[]> received = [];
    private readonly Asking asking = new();
    private readonly Pipe toServer = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
    private readonly Pipe toCaller = new();

    public PeerConnectionHandlerTests()
    {
        hub = new PeerHub(Self, Key, new PeerOptions { LateMs = 1500 }, _ => null, time);
        hub.Handle(PeerFrameKind.Replicas, (_, body) => received.Add(body.ToArray()));
    }

    public void Dispose()
    {
        hub.Dispose();
        asking.Dispose();
    }

    [Fact]
    public async Task A_peer_is_heard_for_a_while_after_the_node_was_asked_to_stop_and_then_the_connection_ends()
    {
        var running = await ConnectAsync();
        await asking.Source.CancelAsync();
        time.Advance(TimeSpan.FromMilliseconds(1499));
        await SendAsync(7);
        Assert.Equal([7], Assert.Single(received));
        Assert.False(running.IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(1));
        await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_connection_that_is_gone_ends_at_once()
    {
        var running = await ConnectAsync();
        await toServer.Writer.CompleteAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_does_not_know_the_key_is_not_heard()
    {
        var running = Start();
        await toServer.Writer.WriteAsync(PeerHandshake.Call(Caller, PeerLane.Control, new byte[PeerHandshake.NonceBytes]));
        _ = await toCaller.Reader.ReadAtLeastAsync(PeerHandshake.AnswerBytes, TestContext.Current.CancellationToken);
        await toServer.Writer.WriteAsync(new byte[PeerHandshake.ProofBytes]);
        await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Empty(received);
    }

    private async Task<Task> ConnectAsync()
    {
        var running = Start();
        var call = PeerHandshake.Call(Caller, PeerLane.Control, new byte[PeerHandshake.NonceBytes]);
        await toServer.Writer.WriteAsync(call);
        var read = await toCaller.Reader.ReadAtLeastAsync(PeerHandshake.AnswerBytes, TestContext.Current.CancellationToken);
        var answer = new byte[PeerHandshake.AnswerBytes];
        System.Buffers.BuffersExtensions.CopyTo(read.Buffer, answer);
        await toServer.Writer.WriteAsync(PeerHandshake.Proof(Key, (byte)'C', call, answer));
        return running;
    }

    private Task Start()
    {
        var context = new DefaultConnectionContext("test", new Duplex(toServer.Reader, toCaller.Writer), new Duplex(toServer.Reader, toCaller.Writer));
        context.Features.Set<IConnectionLifetimeNotificationFeature>(asking);
        return new PeerConnectionHandler(hub, time).OnConnectedAsync(context);
    }

    // A frame: length of kind and body, kind, body.
    private async Task SendAsync(byte body) => await toServer.Writer.WriteAsync(new byte[] { 2, 0, 0, 0, (byte)PeerFrameKind.Replicas, body });

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }

    private sealed class Asking : IConnectionLifetimeNotificationFeature, IDisposable
    {
        public CancellationTokenSource Source { get; } = new();

        public CancellationToken ConnectionClosedRequested
        {
            get => Source.Token;
            set => throw new NotSupportedException();
        }

        public void RequestClose() => Source.Cancel();

        public void Dispose() => Source.Dispose();
    }
}
