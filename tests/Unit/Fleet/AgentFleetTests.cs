using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Fleet;

public sealed class AgentFleetTests : IDisposable
{
    private readonly TestDatabase database = new();
    private readonly FakeAgents agents = new();
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider real = TestClock.Real();

    public void Dispose()
    {
        agents.Dispose();
        database.Dispose();
    }

    [Fact]
    public async Task From_one_seed_all_members_are_found_and_seen()
    {
        var fleet = Fleet();

        Assert.Null(await fleet.PollAsync(default));
        Assert.Null(await fleet.PollAsync(default));

        Assert.Equal(["n1 alive", "n2 alive"], fleet.State.Nodes.Select(n => $"{n.Member.Name} {n.Health}"));
        Assert.Equal((Reports.N1, Reports.N2), (fleet.State.LeaderOf(Reports.S1), fleet.State.LeaderOf(Reports.S2)));
        Assert.Equal((Reports.Cluster, 64), (database.Folder.ClusterId, database.Folder.SegmentCount));
    }

    [Fact]
    public async Task A_cluster_other_than_the_folders_is_refused_in_one_line()
    {
        Assert.Null(database.Folder.Bind("c-0", 64));

        var problem = await Fleet().PollAsync(default);

        Assert.Contains("c-0", problem, StringComparison.Ordinal);
        Assert.Contains("c-1", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_behind_does_not_turn_the_map_back()
    {
        var fleet = Fleet();
        agents.Cluster = Reports.ClusterState(epoch: 5);
        await fleet.PollAsync(default);
        agents.Cluster = Reports.ClusterState(epoch: 4);

        await fleet.PollAsync(default);

        Assert.Equal(5UL, fleet.State.Map.Epoch);
    }

    [Fact]
    public async Task A_node_that_is_silent_is_what_the_others_say_of_it()
    {
        var fleet = Fleet();
        await fleet.PollAsync(default);
        await fleet.PollAsync(default);
        agents.Silent.Add(7302);
        agents.Gossip = [new GossipView(Reports.N2, "n2", "dead", 1, 1, 1, new NodeUse(0, 0, 0, 0), 0)];
        real.Advance(TimeSpan.FromSeconds(6));

        await fleet.PollAsync(default);

        Assert.Equal(["alive", "dead"], fleet.State.Nodes.Select(n => n.Health));
    }

    [Fact]
    public async Task A_report_keeps_a_node_alive_between_two_looks()
    {
        var fleet = Fleet();
        await fleet.PollAsync(default);
        await fleet.PollAsync(default);
        real.Advance(TimeSpan.FromSeconds(6));

        fleet.Reported(Reports.Report(Reports.N2, 1, TestClock.Start));

        Assert.Equal(["unknown", "alive"], fleet.State.Nodes.Select(n => n.Health == "suspect" ? "unknown" : n.Health));
    }

    [Fact]
    public async Task A_change_goes_to_the_node_that_leads_the_meta_group()
    {
        var fleet = Fleet();
        await fleet.PollAsync(default);
        agents.MetaPort = 7302;
        var wanted = 0;
        fleet.PollWanted += () => wanted++;

        var answer = await fleet.StartMoveAsync(new StartMigration("h", 1, new SegmentId(4), Reports.S1, Reports.S2, "ann", "why"), default);

        Assert.Equal(new MetaAnswer(true, 42, null, null), answer);
        Assert.Equal([(7301, "POST /v1/migrations"), (7302, "POST /v1/migrations")], agents.Changes);
        Assert.Equal(1, wanted);
        Assert.All(agents.Keys, k => Assert.Equal("secret", k));
    }

    [Fact]
    public async Task A_refusal_of_the_meta_group_comes_back_as_it_is()
    {
        var fleet = Fleet();
        await fleet.PollAsync(default);
        agents.Answer = new MetaAnswer(false, 0, "same-shard", "Segment 4 is on s-01 already.");

        Assert.Equal(agents.Answer, await fleet.SetHaltAsync(new SetHalt(true, "ann", ""), default));
    }

    [Fact]
    public async Task Members_and_replicas_are_changed_where_the_meta_group_is_led()
    {
        var fleet = Fleet();
        await fleet.PollAsync(default);

        await fleet.ChangeMemberAsync(Reports.N2, MemberChange.Drain, "ann", "old", default);
        await fleet.ChangeMemberAsync(Reports.N2, MemberChange.CancelDrain, "ann", "", default);
        await fleet.ChangeMemberAsync(Reports.N2, MemberChange.Leave, "ann", "", default);
        await fleet.ReplaceReplicaAsync(GroupId.Meta, new ReplaceReplica(Reports.N1, Reports.N2, "ann", ""), default);
        await fleet.CancelReplicasAsync(7, "ann", "", default);
        await fleet.TransferLeaderAsync(Reports.S1, new TransferLeader(Reports.N1, Reports.N2, "ann", ""), default);

        Assert.Equal(
            ["nodes/0000000000000012/drain", "nodes/0000000000000012/undrain", "nodes/0000000000000012/leave", "shards/meta/replicas", "replicas/7/cancel", "shards/s-01/leader"],
            agents.Changes.Select(c => c.What["POST /v1/".Length..]));
    }

    [Fact]
    public async Task Every_node_is_asked_to_compare_what_it_leads_and_silent_ones_do_not_stop_it()
    {
        var fleet = Fleet();
        await fleet.PollAsync(default);
        await fleet.PollAsync(default);

        Assert.Equal([Reports.S1, Reports.S2], await fleet.CompareAsync(null, "ann", "", default));
        Assert.True((await fleet.DropOrphanAsync(new SegmentId(3), "ann", "", default)).Accepted);
        agents.Silent.Add(7301);
        Assert.Equal([Reports.S2], await fleet.CompareAsync(null, "ann", "", default));

        // The other one answers, and has no such orphan.
        Assert.Equal("no-orphan", (await fleet.DropOrphanAsync(new SegmentId(3), "ann", "", default)).Error);
        agents.Silent.Add(7302);
        Assert.Equal("unavailable", (await fleet.DropOrphanAsync(new SegmentId(3), "ann", "", default)).Error);
    }

    [Fact]
    public async Task What_nodes_say_of_replicas_and_their_equality_is_in_the_snapshot_and_outlives_them()
    {
        var fleet = Fleet();
        agents.Replicas = [Members.MemberWorld.Change(7, GroupId.Of(Reports.S1), [0x11], [0x12])];
        await fleet.PollAsync(default);
        await fleet.PollAsync(default);

        Assert.Equal(7UL, Assert.Single(fleet.State.ReplicaChanges).Id);
        Assert.Equal([(Reports.S1, Reports.N1, 5L), (Reports.S2, Reports.N2, 5L)], fleet.State.Integrity.Shards.Select(s => (s.Shard, s.Leader, s.NextUnixMs)));
        agents.Silent.Add(7302);
        real.Advance(TimeSpan.FromSeconds(6));
        await fleet.PollAsync(default);
        Assert.Equal((default, 5UL), (fleet.State.Integrity.Shards[1].Leader, fleet.State.Integrity.Shards[1].Last!.Index));
    }

    [Fact]
    public async Task Without_any_node_a_change_is_unavailable()
    {
        var answer = await Fleet(seeds: []).ChangeMoveAsync(1, MoveChange.Cancel, "ann", "", default);

        Assert.Equal((false, "unavailable"), (answer.Accepted, answer.Error));
    }

    private AgentFleet Fleet(string[]? seeds = null)
    {
        var options = new FleetOptions { ChangeMs = 1000 };
        return new AgentFleet(
            new AgentClient(new HttpClient(agents, disposeHandler: false), new ClusterKey("secret"), options), seeds ?? ["127.0.0.1:7301"], options, database.Folder, real,
            NullLogger<AgentFleet>.Instance);
    }

    /// <summary>Two nodes at ports 7301 and 7302, without a network.</summary>
    private sealed class FakeAgents : HttpMessageHandler
    {
        private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

        public ClusterState Cluster { get; set; } = Reports.ClusterState();

        public HashSet<int> Silent { get; } = [];

        public GossipView[] Gossip { get; set; } = [];

        public ReplicaChangeStatus[] Replicas { get; set; } = [];

        public int MetaPort { get; set; } = 7301;

        public MetaAnswer Answer { get; set; } = new(true, 42, null, null);

        public List<(int Port, string What)> Changes { get; } = [];

        public List<string> Keys { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var port = request.RequestUri!.Port;
            Keys.Add(string.Join(',', request.Headers.GetValues(AdminRoutes.KeyHeader)));
            if (Silent.Contains(port))
            {
                throw new HttpRequestException("refused");
            }

            var node = port == 7301 ? Reports.N1 : Reports.N2;
            if (request.Method == HttpMethod.Get)
            {
                return Reply(HttpStatusCode.OK, request.RequestUri.AbsolutePath switch
                {
                    AdminRoutes.State => new NodeState(node, "", 1, 1, "1.0", Reports.Status(node), [.. Gossip]),
                    AdminRoutes.Cluster => Cluster,
                    AdminRoutes.Replicas => Replicas,
                    AdminRoutes.Integrity => new NodeIntegrity(
                        [new ShardIntegrity(port == 7301 ? Reports.S1 : Reports.S2, true, "", 5, new CheckReport(5, 1, 2, "period", CheckOutcome.Equal, "", [], [], 1, 2, 3, 4, 0, 0, []), [])], [], 1, 0, 0, 0),
                    _ => (object)Array.Empty<MigrationStatus>(),
                });
            }

            if (request.RequestUri.AbsolutePath == AdminRoutes.Checks)
            {
                return Reply(HttpStatusCode.Accepted, new CheckAnswer([port == 7301 ? Reports.S1 : Reports.S2]));
            }

            Changes.Add((port, $"{request.Method} {request.RequestUri.AbsolutePath}"));
            return port == MetaPort
                ? Reply(Answer.Accepted ? HttpStatusCode.Accepted : HttpStatusCode.Conflict, Answer)
                : Reply(HttpStatusCode.MisdirectedRequest, new NotMetaLeader(Reports.N2, $"127.0.0.1:{MetaPort}"));
        }

        private static Task<HttpResponseMessage> Reply(HttpStatusCode status, object body) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(JsonSerializer.Serialize(body, body.GetType(), Json)) });
    }
}
