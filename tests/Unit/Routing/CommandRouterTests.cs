using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Resp;

namespace ShardConsole.Unit.Routing;

/// <summary>Three nodes with a shard each; the test looks from the node that leads the shard of slot 0.</summary>
public sealed class CommandRouterTests
{
    private static readonly SegmentId Segment = new(0);

    private readonly FakeNodeView view = new(nodes: 3, segmentCount: 64);
    private readonly FakeReplica owner;
    private readonly CommandRouter router;

    public CommandRouterTests()
    {
        var shard = view.Map.OwnerOf(Segment);
        view.Self = view.Leaders[shard];
        owner = new FakeReplica(shard, 64, TestClient.NewClock()) { Leader = view.Self }.Own(0);
        view.Add(owner);
        router = new CommandRouter(view);
    }

    private FakeReplica Other
    {
        get
        {
            var replica = new FakeReplica(view.Map.Shards.First(s => s.Id != owner.Shard).Id, 64, TestClient.NewClock());
            view.Add(replica);
            return replica;
        }
    }

    [Fact]
    public void An_owned_segment_of_a_leading_replica_is_served()
    {
        Assert.Equal(CommandRoute.Serve(Segment, owner, 1), Resolve());
        Assert.True(router.TryLocate(0, out var route));
        Assert.Equal(CommandRoute.Serve(Segment, owner, 1), route);
    }

    [Fact]
    public void The_state_of_the_group_decides_and_the_map_only_redirects()
    {
        var target = Other.Own(0);
        State(SegmentState.Retained);

        Assert.Equal(CommandRoute.Serve(Segment, target, 1), Resolve());
    }

    [Theory]
    [InlineData(SegmentState.Frozen)]
    [InlineData(SegmentState.Absent)]
    [InlineData(SegmentState.Importing)]
    [InlineData(SegmentState.Retained)]
    internal void What_the_map_gives_to_a_group_here_that_does_not_own_it_is_held_and_then_tried_again(SegmentState state)
    {
        State(state);

        Assert.Equal(CommandRoute.Hold(Segment), Resolve());
        Assert.Equal(CommandRoute.Answer(Segment, Replies.TryAgain), Resolve(holdEnded: true));
    }

    [Theory]
    [InlineData(SegmentState.Frozen)]
    [InlineData(SegmentState.Retained)]
    internal void A_source_redirects_as_soon_as_its_map_names_the_target(SegmentState state)
    {
        var target = view.Map.Shards.First(s => s.Id != owner.Shard).Id;
        view.Map = view.Map.Apply(new SegmentMoved(Segment, target, "test"));
        State(state);

        var n = view.Leaders[target].Value;
        Assert.Equal(CommandRoute.Answer(Segment, $"MOVED 0 10.0.0.{n}:{7000 + n}"), Resolve());
    }

    [Fact]
    public void A_target_on_this_node_that_has_not_activated_is_held_and_nobody_is_moved_to_this_node()
    {
        var target = Other;
        view.Map = view.Map.Apply(new SegmentMoved(Segment, target.Shard, "test"));
        view.Leaders[target.Shard] = view.Self;
        State(SegmentState.Frozen);
        target.Segment(Segment).State = SegmentState.Importing;

        Assert.Equal(CommandRoute.Hold(Segment), Resolve());
        Assert.Equal(CommandRoute.Answer(Segment, Replies.TryAgain), Resolve(holdEnded: true));
    }

    [Fact]
    public void A_leader_that_may_not_serve_yet_is_held_and_never_moved_to_itself()
    {
        owner.ServingTerm = 0;

        Assert.Equal(CommandRoute.Hold(Segment), Resolve());
        Assert.Equal(CommandRoute.Answer(Segment, Replies.NoLeader), Resolve(holdEnded: true));
        Assert.False(router.TryLocate(0, out _));
    }

    [Fact]
    public void A_follower_redirects_to_the_leader()
    {
        owner.ServingTerm = 0;
        view.Leaders[owner.Shard] = new NodeId(view.Self.Value % 3 + 1);

        var n = view.Leaders[owner.Shard].Value;
        Assert.Equal(CommandRoute.Answer(Segment, $"MOVED 0 10.0.0.{n}:{7000 + n}"), Resolve());
    }

    [Fact]
    public void Nobody_is_moved_to_a_dead_leader()
    {
        owner.ServingTerm = 0;
        view.Leaders[owner.Shard] = new NodeId(view.Self.Value % 3 + 1);
        view.Dead.Add(view.Leaders[owner.Shard]);

        Assert.Equal(CommandRoute.Hold(Segment), Resolve());
        Assert.Equal(CommandRoute.Answer(Segment, Replies.NoLeader), Resolve(holdEnded: true));
    }

    [Fact]
    public void A_fresh_follower_serves_only_reads_of_readonly_clients()
    {
        owner.ServingTerm = 0;
        owner.FreshFollower = true;
        view.Leaders[owner.Shard] = new NodeId(view.Self.Value % 3 + 1);

        Assert.Equal(CommandRoute.ServeStale(Segment, owner), Resolve(mayBeStale: true));
        Assert.Equal(RouteKind.Answer, Resolve().Kind);
        owner.FreshFollower = false;
        Assert.Equal(RouteKind.Answer, Resolve(mayBeStale: true).Kind);
    }

    [Fact]
    public void Without_a_map_the_cluster_is_down()
    {
        var none = new FakeNodeView(nodes: 1, segmentCount: 0);

        Assert.Equal(CommandRoute.Answer(default, "CLUSTERDOWN Hash slot not served"), new CommandRouter(none).Resolve(5, false, false));
        Assert.False(new CommandRouter(none).TryLocate(5, out _));
    }

    private CommandRoute Resolve(bool mayBeStale = false, bool holdEnded = false) => router.Resolve(0, mayBeStale, holdEnded);

    private void State(SegmentState state) => owner.Segment(Segment).State = state;
}
