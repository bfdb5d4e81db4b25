using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using ShardConsole.ControlPlane.Api;
using ShardConsole.ControlPlane.Api.Live;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Plans;
using ShardConsole.Unit.Approval;

namespace ShardConsole.Unit.Api;

public sealed class ClusterFeedTests : IDisposable
{
    private readonly PlanWorld world = new();
    private readonly RecordingHub hub = new();
    private readonly ClusterFeed feed;

    public ClusterFeedTests() =>
        feed = new ClusterFeed(new FakeCluster(world.Fleet), world.Desk, hub, new ApiOptions(), world.Real, NullLogger<ClusterFeed>.Instance);

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_push_carries_only_what_has_changed()
    {
        var plan = PlanWorld.Of("one", 2, 4);
        await world.ProposeAsync(plan);
        world.Fleet.Show(plan, 1, MigrationPhase.Preparing);
        world.Fleet.Show(plan, 2, MigrationPhase.Preparing);

        Assert.Equal(["changed 1", "summary", "migrations 1001,1002", $"plan {plan.Hash}"], await PushAsync());
        Assert.Equal(["changed 2", "summary"], await PushAsync());
        world.Fleet.Show(plan, 2, MigrationPhase.Shadowing);
        Assert.Equal(["changed 3", "summary", "migrations 1002"], await PushAsync());
        await world.Desk.RejectAsync(plan.Hash, null, "ann", "no", default);
        Assert.Equal(["changed 4", "summary", $"plan {plan.Hash}"], await PushAsync());
        Assert.Equal(4, feed.Sequence);
    }

    private async Task<List<string>> PushAsync()
    {
        hub.Sent.Clear();
        await feed.PushAsync(default);
        return [.. hub.Sent];
    }

    private sealed class RecordingHub : IHubContext<ClusterHub>, IHubClients
    {
        public List<string> Sent { get; } = [];

        public IHubClients Clients => this;

        public IGroupManager Groups => throw new NotSupportedException();

        public IClientProxy All => throw new NotSupportedException();

        public IClientProxy AllExcept(IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();

        public IClientProxy Client(string connectionId) => throw new NotSupportedException();

        IClientProxy IHubClients<IClientProxy>.Clients(IReadOnlyList<string> connectionIds) => throw new NotSupportedException();

        public IClientProxy Group(string groupName) => new Recorder(Sent, groupName);

        public IClientProxy GroupExcept(string groupName, IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();

        IClientProxy IHubClients<IClientProxy>.Groups(IReadOnlyList<string> groupNames) => throw new NotSupportedException();

        public IClientProxy User(string userId) => throw new NotSupportedException();

        public IClientProxy Users(IReadOnlyList<string> userIds) => throw new NotSupportedException();
    }

    private sealed class Recorder(List<string> sent, string group) : IClientProxy
    {
        public Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default)
        {
            Assert.Equal(group, method);
            sent.Add(args[0] switch
            {
                long number => $"{method} {number}",
                IReadOnlyList<MigrationRow> rows => $"{method} {string.Join(',', rows.Select(r => r.Status.Id))}",
                PlanSummary plan => $"{method} {plan.Id}",
                _ => method,
            });
            return Task.CompletedTask;
        }
    }
}
