using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.Unit.Routing;

namespace ShardConsole.Unit.Resp;

public sealed class ClientConnectionHandlerTests
{
    private readonly ClientServices services = new(
        new FakeNodeView(1, 64), new FakeLoad(), CommandTable.Default, new ClientProtocolOptions { MaxClients = 1 },
        new NodeFacts("127.0.0.1", 1, "", 0, ""), TestClient.NewClock(), new Random(1));

    [Fact]
    public async Task A_client_over_the_limit_is_told_so_and_one_that_left_makes_room()
    {
        var handler = new ClientConnectionHandler(services, NullLogger<ClientConnectionHandler>.Instance);
        var (first, firstEnd) = Open();
        var running = handler.OnConnectedAsync(first);
        var (second, secondEnd) = Open();
        await handler.OnConnectedAsync(second);

        var refusal = await secondEnd.Input.ReadAtLeastAsync(36);
        Assert.Equal("-ERR max number of clients reached\r\n", Encoding.ASCII.GetString(refusal.Buffer.FirstSpan));
        firstEnd.Output.Complete();
        await running;
        Assert.Equal((0, 1L, 1L), (services.Clients.Count, services.Stats.Connections, services.Stats.Rejected));
    }

    [Fact]
    public async Task A_connection_that_is_closed_from_here_ends()
    {
        var handler = new ClientConnectionHandler(services, NullLogger<ClientConnectionHandler>.Instance);
        using var closed = new CancellationTokenSource();
        var (context, _) = Open();
        context.ConnectionClosed = closed.Token;
        var running = handler.OnConnectedAsync(context);
        await closed.CancelAsync();

        await running;
    }

    private static (DefaultConnectionContext Context, IDuplexPipe Client) Open()
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        var server = new Duplex(toServer.Reader, toClient.Writer);
        return (new DefaultConnectionContext("test", server, server), new Duplex(toClient.Reader, toServer.Writer));
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
