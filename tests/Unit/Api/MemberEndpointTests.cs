using ShardConsole.ControlPlane.Fleet.Members;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Fleet;
using ShardConsole.Unit.Fleet.Members;

namespace ShardConsole.Unit.Api;

public sealed class MemberEndpointTests : IAsyncLifetime
{
    private readonly FakeStarter starter = new();
    private readonly ApiServer server;

    public MemberEndpointTests() => server = new ApiServer { Starter = starter };

    public async ValueTask InitializeAsync() => await server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Members_are_listed_and_found_by_name_and_by_id()
    {
        var list = (await server.SendAsync("GET", "/api/v1/members?limit=1", Roles.Viewer)).Body;
        Assert.Equal((2, "n1", "Serving"), (list.GetProperty("total").GetInt32(), list.GetProperty("items")[0].GetProperty("name").GetString(), list.GetProperty("items")[0].GetProperty("stage").GetString()));

        var byName = (await server.SendAsync("GET", "/api/v1/members/n2", Roles.Viewer)).Body;
        var byId = (await server.SendAsync("GET", $"/api/v1/members/{Reports.N2}", Roles.Viewer)).Body;
        Assert.Equal(byName.GetRawText(), byId.GetRawText());
        var none = await server.SendAsync("GET", "/api/v1/members/n9", Roles.Viewer);
        Assert.Equal((404, "not-found"), (none.Status, none.Code));
        Assert.Contains("\"n9\"", none.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drain_is_begun_followed_and_ended_once_per_key_and_audited()
    {
        (string, string)[] key = [("Idempotency-Key", "k1")];
        var begun = await server.SendAsync("POST", "/api/v1/members/n2/drain", json: """{"reason":"old machine","thenLeave":true}""", headers: key);
        var again = await server.SendAsync("POST", "/api/v1/members/n2/drain", json: """{"reason":"old machine","thenLeave":true}""", headers: key);

        Assert.Equal((202, "/api/v1/members/n2"), (begun.Status, begun.Header("Location")));
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(["Retire 12 by key operator: old machine"], server.World.Fleet.Asked);
        server.World.Fleet.State = server.World.Fleet.State with { Draining = [Reports.N2] };
        var progress = (await server.SendAsync("GET", "/api/v1/members/n2", Roles.Viewer)).Body.GetProperty("progress");
        Assert.Equal(("drain", 2, 0, true), (progress.GetProperty("what").GetString(), progress.GetProperty("groups").GetInt32(), progress.GetProperty("done").GetInt32(), progress.GetProperty("thenLeave").GetBoolean()));

        var ended = await server.SendAsync("DELETE", "/api/v1/members/n2/drain?reason=it%20stays");
        Assert.Equal(200, ended.Status);
        Assert.Equal("CancelDrain 12 by key operator: it stays", server.World.Fleet.Asked[^1]);
        Assert.Equal(["drain-ended n2 it stays", "drain-started n2 old machine (leaves when it is empty)"], await AuditAsync(2));
    }

    [Fact]
    public async Task What_the_cluster_refuses_keeps_its_code_and_is_audited()
    {
        server.World.Fleet.Refusal = "not-empty";
        var answer = await server.SendAsync("POST", "/api/v1/members/n1/leave", json: """{"reason":"bye"}""");
        server.World.Fleet.Refusal = null;

        Assert.Equal((409, "not-empty", "refused with not-empty"), (answer.Status, answer.Code, answer.Detail));
        Assert.Equal(["member-left n1 refused (not-empty): bye"], await AuditAsync(1));
        Assert.Empty(starter.Retired);
        Assert.Equal(202, (await server.SendAsync("POST", "/api/v1/members/n1/leave", json: """{"reason":"bye"}""")).Status);
        Assert.Equal(["n1"], starter.Retired);
    }

    [Fact]
    public async Task Only_a_dead_member_is_removed()
    {
        var alive = await server.SendAsync("POST", "/api/v1/members/n1/remove", json: """{"reason":"burnt"}""");
        Assert.Equal((409, "alive"), (alive.Status, alive.Code));
        server.World.Fleet.State = server.World.Fleet.State with { Nodes = [.. server.World.Fleet.State.Nodes.Select(n => n with { Health = "dead" })] };

        Assert.Equal(202, (await server.SendAsync("POST", "/api/v1/members/n1/remove", json: """{"reason":"burnt"}""")).Status);
        Assert.Equal(["Drain 11 by key operator: burnt"], server.World.Fleet.Asked);
    }

    [Fact]
    public async Task A_node_is_added_where_the_control_plane_can_start_one()
    {
        var added = await server.SendAsync("POST", "/api/v1/members", json: """{"zone":"b","reason":"more room"}""");
        Assert.Equal((202, "/api/v1/members/n4"), (added.Status, added.Header("Location")));
        Assert.Equal(["b"], starter.Started);
        Assert.True((await server.SendAsync("GET", "/api/v1/members/join", Roles.Viewer)).Body.GetProperty("canStart").GetBoolean());
    }

    [Fact]
    public async Task Elsewhere_the_command_is_told_instead()
    {
        await using var remote = new ApiServer();
        await remote.InitializeAsync();

        var refused = await remote.SendAsync("POST", "/api/v1/members", json: """{"reason":"more room"}""");
        Assert.Equal((409, "not-local"), (refused.Status, refused.Code));
        var help = (await remote.SendAsync("GET", "/api/v1/members/join", Roles.Viewer)).Body;
        Assert.False(help.GetProperty("canStart").GetBoolean());
        Assert.Contains("--seed 127.0.0.1:7201", help.GetProperty("command").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newcomer_is_filled_by_its_plan_of_kind_membership()
    {
        server.World.Fleet.State = MemberWorld.Of(["", "", "", ""], founders: 3);
        var plan = (await server.SendAsync("GET", "/api/v1/members/n4/fill", Roles.Viewer)).Body;
        Assert.Equal(("membership", 9), (plan.GetProperty("kind").GetString(), plan.GetProperty("moves").GetArrayLength()));
        Assert.Equal((0, 9, 3), (plan.GetProperty("shares")[3].GetProperty("replicasBefore").GetInt32(), plan.GetProperty("shares")[3].GetProperty("replicasAfter").GetInt32(), plan.GetProperty("shares")[3].GetProperty("leadsAfter").GetInt32()));

        Assert.Equal(202, (await server.SendAsync("POST", "/api/v1/members/n4/fill", json: """{"reason":"new"}""")).Status);
        Assert.Equal(9, server.World.Fleet.Asked.Count(a => a.Contains("to 4 by key operator: n4 is filled", StringComparison.Ordinal)));
        Assert.Equal(["fill-started n4 9 replicas, 3 of them leaders: new"], await AuditAsync(1));

        var nothing = await server.SendAsync("POST", "/api/v1/members/n1/fill", json: """{"reason":"new"}""");
        Assert.Equal((409, "nothing-to-do"), (nothing.Status, nothing.Code));
    }

    [Fact]
    public async Task Replicas_of_a_shard_are_listed_and_replaced_and_a_change_is_followed_and_cancelled()
    {
        Assert.Equal("leader", (await server.SendAsync("GET", "/api/v1/shards/s-01/replicas", Roles.Viewer)).Body[0].GetProperty("role").GetString());
        Assert.Equal(404, (await server.SendAsync("GET", "/api/v1/shards/77/replicas", Roles.Viewer)).Status);

        var begun = await server.SendAsync("POST", "/api/v1/shards/s-01/replicas", json: """{"from":"n2","reason":"fewer"}""");
        Assert.Equal((202, "/api/v1/replicas/7"), (begun.Status, begun.Header("Location")));
        Assert.Equal("s-01 from 12 to 0 by key operator: fewer", server.World.Fleet.Asked[^1]);
        Assert.Equal(["replicas-changed s-01 The replica at n2 is removed. fewer"], await AuditAsync(1));

        server.World.Fleet.State = server.World.Fleet.State with { ReplicaChanges = [MemberWorld.Change(7, GroupId.Of(Reports.S1), [0x11, 0x12], [0x11])] };
        var change = (await server.SendAsync("GET", "/api/v1/replicas/7", Roles.Viewer)).Body;
        Assert.Equal(("s-01", "n2", "CatchingUp"), (change.GetProperty("group").GetString(), change.GetProperty("from")[0].GetString(), change.GetProperty("phase").GetString()));
        Assert.Equal(1, (await server.SendAsync("GET", "/api/v1/replicas?state=running&node=n2", Roles.Viewer)).Body.GetProperty("total").GetInt32());
        Assert.Equal(0, (await server.SendAsync("GET", "/api/v1/replicas?state=running&node=n1", Roles.Viewer)).Body.GetProperty("total").GetInt32());
        Assert.Equal(0, (await server.SendAsync("GET", "/api/v1/replicas?state=ended", Roles.Viewer)).Body.GetProperty("total").GetInt32());
        Assert.Equal(202, (await server.SendAsync("POST", "/api/v1/replicas/7/cancel", json: """{"reason":"no"}""")).Status);
        Assert.Equal(404, (await server.SendAsync("POST", "/api/v1/replicas/8/cancel", json: """{"reason":"no"}""")).Status);
    }

    [Fact]
    public async Task Comparisons_are_begun_listed_and_remembered()
    {
        var report = new CheckReport(5, 1000, 2000, "ann", CheckOutcome.Repaired, "", [Reports.N1, Reports.N2], [], 32, 40, 50, 60, 1, 1, [new DifferenceStatus(new SegmentId(3), 0, 4, [Reports.N2], 70, "repaired")]);
        server.World.Fleet.State = server.World.Fleet.State with
        {
            Integrity = ShardConsole.ControlPlane.Fleet.Members.Core.IntegrityMerge.Of(server.World.Fleet.State, new Dictionary<NodeId, NodeIntegrity>
            {
                [Reports.N1] = new([new ShardIntegrity(Reports.S1, true, "", 9000, report, [])], [], 3, 1, 1, 0),
            }),
        };
        server.World.Fleet.Raise();

        var view = (await server.SendAsync("GET", "/api/v1/integrity", Roles.Viewer)).Body;
        var shard = view.GetProperty("shards")[0];
        Assert.Equal(("s-01", "n1", "Repaired", "n2"), (shard.GetProperty("shard").GetString(), shard.GetProperty("leader").GetString(), shard.GetProperty("last").GetProperty("outcome").GetString(), shard.GetProperty("last").GetProperty("listed")[0].GetProperty("wrong")[0].GetString()));
        Assert.Equal(1, (await server.SendAsync("GET", "/api/v1/integrity/comparisons?shard=1", Roles.Viewer)).Body.GetProperty("total").GetInt32());
        Assert.Equal(0, (await server.SendAsync("GET", "/api/v1/integrity/comparisons?shard=2", Roles.Viewer)).Body.GetProperty("total").GetInt32());

        var all = await server.SendAsync("POST", "/api/v1/integrity/comparisons", json: "{}");
        Assert.Equal((202, "s-01,s-02"), (all.Status, all.Body.GetProperty("id").GetString()));
        Assert.Equal(202, (await server.SendAsync("POST", "/api/v1/integrity/comparisons", json: """{"shard":"s-02","reason":"sure?"}""")).Status);
        Assert.Equal(["compare all by key operator: ", "compare s-02 by key operator: sure?"], server.World.Fleet.Asked);
        Assert.Equal(404, (await server.SendAsync("POST", "/api/v1/integrity/comparisons", json: """{"shard":"s-09"}""")).Status);
        Assert.Equal(["comparison-started s-02 sure?", "comparison-started all shards "], await AuditAsync(2));
    }

    [Fact]
    public async Task An_orphan_is_dropped_by_an_administrator_only()
    {
        Assert.Equal(403, (await server.SendAsync("POST", "/api/v1/integrity/orphans/3/drop", json: """{"reason":"seen"}""")).Status);
        Assert.Equal(202, (await server.SendAsync("POST", "/api/v1/integrity/orphans/3/drop", Roles.Administrator, """{"reason":"seen"}""")).Status);
        Assert.Equal(["drop 3 by key administrator: seen"], server.World.Fleet.Asked);
    }

    [Theory]
    [InlineData("POST", "/api/v1/members/n1/drain", "{}", "reason")]
    [InlineData("POST", "/api/v1/members/n1/drain", """{"reason":"x","thenLeave":"maybe"}""", "thenLeave")]
    [InlineData("POST", "/api/v1/members", """{"zone":"b"}""", "reason")]
    [InlineData("POST", "/api/v1/shards/odd/replicas", """{"from":"n1","reason":"x"}""", "id")]
    [InlineData("POST", "/api/v1/shards/s-01/replicas", """{"from":"n1","to":"n1","reason":"x"}""", "to")]
    [InlineData("POST", "/api/v1/shards/s-01/replicas", """{"from":"n7","to":"n8"}""", "from,reason,to")]
    [InlineData("POST", "/api/v1/shards/s-01/replicas", """{"reason":"x"}""", "to")]
    [InlineData("GET", "/api/v1/replicas?state=odd&node=n7", null, "node,state")]
    [InlineData("GET", "/api/v1/replicas/abc", null, "id")]
    [InlineData("POST", "/api/v1/integrity/comparisons", """{"shard":"odd"}""", "shard")]
    [InlineData("POST", "/api/v1/integrity/orphans/odd/drop", "{}", "id,reason")]
    public async Task Nonsense_is_answered_with_every_field_that_is_wrong(string method, string path, string? json, string fields)
    {
        var answer = await server.SendAsync(method, path, Roles.Administrator, json);

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.MediaType));
        Assert.Equal(fields.Split(','), answer.Fields.Order(StringComparer.Ordinal));
        Assert.Empty(server.World.Fleet.Asked);
    }

    private async Task<IEnumerable<string>> AuditAsync(int rows) =>
        (await server.World.Audit.ListAsync(0, rows, default)).Select(a => $"{a.Action} {a.Subject} {a.Detail}");

    private sealed class FakeStarter : INodeStarter
    {
        public List<string> Started { get; } = [];

        public List<string> Retired { get; } = [];

        public Task<(string? Name, string? Problem)> AddNodeAsync(string zone, CancellationToken cancellation)
        {
            Started.Add(zone);
            return Task.FromResult<(string?, string?)>(("n4", null));
        }

        public Task<bool> RetireNodeAsync(string name, CancellationToken cancellation)
        {
            Retired.Add(name);
            return Task.FromResult(true);
        }
    }
}
