using System.Collections.Frozen;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Membership;

public sealed class ViewWatchTests
{
    private readonly Views views = new();

    [Fact]
    public async Task The_wait_ends_with_the_view_that_shows_what_is_wanted_and_with_no_other()
    {
        using var watch = new ViewWatch(views, v => v.Health == 3, TimeProvider.System);
        var next = watch.Next;
        var wait = watch.WaitAsync(next, Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);

        views.Show(2);
        Assert.False(next.IsCompleted);
        views.Show(3);
        await wait;
        Assert.False(watch.Next.IsCompleted);
    }

    [Fact]
    public async Task What_is_seen_between_the_look_and_the_wait_is_not_missed()
    {
        using var watch = new ViewWatch(views, _ => true, TimeProvider.System);
        var next = watch.Next;
        views.Show(1);
        await watch.WaitAsync(next, Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Neither_the_end_of_the_time_nor_a_cancellation_throws()
    {
        using var watch = new ViewWatch(views, _ => true, TimeProvider.System);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await watch.WaitAsync(watch.Next, TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken);
        await watch.WaitAsync(watch.Next, Timeout.InfiniteTimeSpan, cancelled.Token);
        await watch.PauseAsync(Timeout.InfiniteTimeSpan, cancelled.Token);
    }

    [Fact]
    public void After_its_end_it_looks_at_no_view()
    {
        var looks = 0;
        new ViewWatch(views, _ => ++looks > 0, TimeProvider.System).Dispose();
        views.Show(1);
        Assert.Equal(0, looks);
    }

    private sealed class Views : IMembership
    {
        public event Action<MembershipView>? Changed;

        public MembershipView View { get; private set; } = new(default, FrozenDictionary<NodeId, MemberView>.Empty, 0);

        public string? Trouble => null;

        public void Show(int health)
        {
            View = new MembershipView(default, FrozenDictionary<NodeId, MemberView>.Empty, health);
            Changed?.Invoke(View);
        }

        public void Publish(NodeGossip gossip) => throw new NotSupportedException();

        public void SetClusterId(string clusterId) => throw new NotSupportedException();

        public void AddSeeds(IEnumerable<GossipAddress> seeds) => throw new NotSupportedException();

        public Task LeaveAsync(CancellationToken cancellation) => throw new NotSupportedException();
    }
}
