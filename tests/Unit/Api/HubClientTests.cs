using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using ShardConsole.ControlPlane.Api.Live;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Unit.Approval;

namespace ShardConsole.Unit.Api;

/// <summary>The public hub, driven by the SignalR client that scripts use.</summary>
public sealed class HubClientTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_change_reaches_a_client_as_the_events_that_it_subscribed_to()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        await using var client = Client(server, server.KeyOf(Roles.Viewer));
        var summary = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var plan = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.On<JsonElement>(ClusterFeed.Summary, s => summary.TrySetResult(s));
        client.On<JsonElement>(ClusterFeed.Plan, p => plan.TrySetResult(p));
        await client.StartAsync();
        await client.InvokeAsync<long>("Subscribe", new[] { ClusterFeed.Summary, ClusterFeed.Plan });

        var made = await server.World.ProposeAsync(PlanWorld.Of("told", 2));
        server.Cluster.RaiseChanged();

        Assert.Equal("test", (await summary.Task.WaitAsync(Guard)).GetProperty("name").GetString());
        var told = await plan.Task.WaitAsync(Guard);
        Assert.Equal((made.Id, "Proposed"), (told.GetProperty("id").GetString(), told.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task A_topic_that_does_not_exist_and_a_client_without_a_key_are_refused()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        await using var client = Client(server, server.KeyOf(Roles.Viewer));
        await client.StartAsync();
        await using var nobody = Client(server, "sck_none");

        var refusal = await Assert.ThrowsAsync<HubException>(() => client.InvokeAsync<long>("Subscribe", new[] { "odd" }));
        Assert.Contains("There is no topic \"odd\"", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => nobody.StartAsync());
    }

    // The in-process server speaks HTTP only, so the client polls; the messages are the same over WebSockets.
    private static HubConnection Client(ApiServer server, string key) => new HubConnectionBuilder().WithUrl("http://localhost/hubs/cluster", options =>
    {
        options.HttpMessageHandlerFactory = _ => server.Handler;
        options.Transports = HttpTransportType.LongPolling;
        options.AccessTokenProvider = () => Task.FromResult<string?>(key);
    }).Build();
}
