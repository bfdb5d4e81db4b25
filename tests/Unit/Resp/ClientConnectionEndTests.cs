using ShardConsole.NodeAgent.Resp;
using ShardConsole.Unit.Routing;

namespace ShardConsole.Unit.Resp;

/// <summary>How a connection ends when its node is asked to stop.</summary>
public sealed class ClientConnectionEndTests
{
    private readonly FakeNodeView view = new(1, 64);
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = TestClient.NewClock();

    [Fact]
    public async Task A_command_that_was_on_its_way_when_the_node_was_asked_to_stop_is_answered_and_then_the_connection_ends()
    {
        await using var client = new TestClient(view, new ClientProtocolOptions { LateQuietMs = 50 }, clock);
        await client.AskToEndAsync();
        clock.Advance(TimeSpan.FromMilliseconds(49));
        Assert.False(client.Running.IsCompleted);
        await client.SendAsync("PING\r\n");
        await client.ExpectAsync("+PONG\r\n");

        // Each command begins the quiet time anew.
        clock.Advance(TimeSpan.FromMilliseconds(49));
        await client.SendAsync("PING\r\n");
        await client.ExpectAsync("+PONG\r\n");
        clock.Advance(TimeSpan.FromMilliseconds(50));
        await client.Running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_never_is_quiet_is_left_at_the_limit_when_the_node_stops()
    {
        await using var client = new TestClient(view, new ClientProtocolOptions { LateQuietMs = 50, LateMaxMs = 120 }, clock);
        await client.AskToEndAsync();
        for (var sent = 0; sent < 3; sent++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(40));
            await client.SendAsync("PING\r\n");
            await client.ExpectAsync("+PONG\r\n");
        }

        await client.Running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
