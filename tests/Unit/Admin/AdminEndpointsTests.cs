using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.Options;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Admin;

/// <summary>The routes as they are mapped, called without a server.</summary>
public sealed class AdminEndpointsTests
{
    private const string Key = "0123456789abcdef";
    private const string Start = """{"planHash":"abcd","moveNumber":1,"segment":7,"from":"s-01","to":"s-02","by":"op","reason":"hot"}""";
    private const string Change = """{"by":"op","reason":"why"}""";
    private const string Limits = """{"maxConcurrentMoves":4,"nodeBytesPerSecond":1,"clusterBytesPerSecond":2,"clientP99GuardMicros":0,"retainSeconds":0,"cutOverLimitMs":500}""";

    private readonly FakeBackend backend = new();
    private readonly RequestDelegate pipeline;
    private readonly IServiceProvider services;

    public AdminEndpointsTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton<IAdminBackend>(backend).AddSingleton(new ClusterKey(Key)).AddSingleton<IMetricsSource>(new OneMetric());
        var app = builder.Build();
        app.UseRouting();
        app.MapAdmin();
#pragma warning disable ASP0014 // the pipeline is built by hand here, without a server
        app.UseEndpoints(_ => { });
#pragma warning restore ASP0014
        pipeline = ((IApplicationBuilder)app).Build();
        services = app.Services;
    }

    [Fact]
    public async Task Health_and_metrics_need_no_key()
    {
        Assert.Equal((200, "ok"), await SendAsync("GET", "/health", key: null));
        Assert.Equal((200, "# HELP up Up.\n# TYPE up gauge\nup 1\n"), await SendAsync("GET", "/metrics", key: null));
        backend.NotServing = "no quorum";
        Assert.Equal((503, "no quorum"), await SendAsync("GET", "/health", key: null));
    }

    [Fact]
    public async Task Replicas_are_replaced_in_a_shard_or_in_the_meta_group_and_nodes_are_named()
    {
        const string replace = """{"from":"0000000000000003","to":"0000000000000004","by":"op","reason":"why"}""";
        Assert.Equal(202, (await SendAsync("POST", "/v1/shards/s-07/replicas", replace)).Status);
        Assert.Equal(202, (await SendAsync("POST", "/v1/shards/meta/replicas", replace)).Status);
        var request = new ReplaceReplica(new NodeId(3), new NodeId(4), "op", "why");
        Assert.Equal([(new GroupId(7), request), (GroupId.Meta, request)], backend.Asked.Cast<(GroupId, ReplaceReplica)>());

        Assert.Equal(400, (await SendAsync("POST", "/v1/shards/x/replicas", replace)).Status);
        Assert.Equal(400, (await SendAsync("POST", "/v1/shards/s-07/replicas", """{"from":"","to":"","by":"op","reason":""}""")).Status);
        Assert.Equal(400, (await SendAsync("POST", "/v1/replicas/x/cancel", Change)).Status);
    }

    [Theory]
    [InlineData("drain")]
    [InlineData("undrain")]
    [InlineData("leave")]
    public async Task A_member_is_drained_taken_back_and_let_go(string verb)
    {
        Assert.Equal(202, (await SendAsync("POST", $"/v1/nodes/0000000000000003/{verb}", Change)).Status);
        Assert.Equal([(new NodeId(3), verb, new ChangeMigration("op", "why"))], backend.Asked.Cast<(NodeId, string, ChangeMigration)>());
        Assert.Equal(400, (await SendAsync("POST", $"/v1/nodes/n3/{verb}", Change)).Status);
        Assert.Equal(404, (await SendAsync("POST", "/v1/nodes/0000000000000003/dance", Change)).Status);
    }

    [Fact]
    public async Task Comparisons_are_shown_and_begun_and_orphans_dropped()
    {
        Assert.Equal(JsonSerializer.Serialize(backend.Integrity(), JsonSerializerOptions.Web), (await SendAsync("GET", "/v1/integrity")).Body);
        Assert.Equal((202, """{"shards":["s-02"]}"""), await SendAsync("POST", "/v1/integrity/checks", """{"shard":"s-02","by":"op","reason":""}"""));
        Assert.Equal((202, """{"shards":["s-01"]}"""), await SendAsync("POST", "/v1/integrity/checks", """{"shard":null,"by":"op","reason":""}"""));
        Assert.Equal(400, (await SendAsync("POST", "/v1/integrity/checks", """{"shard":"s-02","by":"","reason":""}""")).Status);
        Assert.Equal(202, (await SendAsync("POST", "/v1/integrity/orphans/7/drop", Change)).Status);
        Assert.Equal(409, (await SendAsync("POST", "/v1/integrity/orphans/8/drop", Change)).Status);
        Assert.Equal(400, (await SendAsync("POST", "/v1/integrity/orphans/x/drop", Change)).Status);
    }

    [Theory]
    [InlineData("GET", "/v1/state")]
    [InlineData("GET", "/v1/cluster")]
    [InlineData("GET", "/v1/migrations")]
    [InlineData("POST", "/v1/migrations")]
    [InlineData("POST", "/v1/migrations/5/cancel")]
    [InlineData("GET", "/v1/replicas")]
    [InlineData("POST", "/v1/shards/s-01/replicas")]
    [InlineData("POST", "/v1/replicas/5/cancel")]
    [InlineData("POST", "/v1/nodes/0000000000000003/drain")]
    [InlineData("GET", "/v1/integrity")]
    [InlineData("POST", "/v1/integrity/checks")]
    [InlineData("POST", "/v1/integrity/orphans/7/drop")]
    [InlineData("POST", "/v1/halt")]
    [InlineData("PUT", "/v1/limits")]
    public async Task Everything_else_is_refused_without_the_cluster_key(string method, string path)
    {
        Assert.Equal(401, (await SendAsync(method, path, Start, null)).Status);
        Assert.Equal(401, (await SendAsync(method, path, Start, "0123456789abcdeg")).Status);
        Assert.Empty(backend.Asked);
    }

    [Fact]
    public async Task State_cluster_and_migrations_are_given_as_json()
    {
        Assert.Equal(JsonSerializer.Serialize(backend.State(), JsonSerializerOptions.Web), (await SendAsync("GET", "/v1/state")).Body);
        Assert.Equal(JsonSerializer.Serialize(backend.Cluster(), JsonSerializerOptions.Web), (await SendAsync("GET", "/v1/cluster")).Body);
        Assert.Equal((200, "[]"), await SendAsync("GET", "/v1/migrations"));
    }

    [Fact]
    public async Task Changes_reach_the_backend_as_they_were_sent()
    {
        Assert.Equal((202, """{"accepted":true,"migrationId":9,"error":null,"detail":null}"""), await SendAsync("POST", "/v1/migrations", Start));
        foreach (var verb in new[] { "cancel", "pause", "resume", "rollback" })
        {
            Assert.Equal(202, (await SendAsync("POST", $"/v1/migrations/18446744073709551615/{verb}", Change)).Status);
        }

        Assert.Equal(200, (await SendAsync("POST", "/v1/halt", """{"halted":true,"by":"op","reason":"stop"}""")).Status);
        Assert.Equal(200, (await SendAsync("PUT", "/v1/limits", Limits)).Status);

        Assert.Equal(
            [
                new StartMigration("abcd", 1, new SegmentId(7), new ShardId(1), new ShardId(2), "op", "hot"),
                (ulong.MaxValue, "cancel", new ChangeMigration("op", "why")),
                (ulong.MaxValue, "pause", new ChangeMigration("op", "why")),
                (ulong.MaxValue, "resume", new ChangeMigration("op", "why")),
                (ulong.MaxValue, "rollback", new ChangeMigration("op", "why")),
                new SetHalt(true, "op", "stop"),
                new MigrationLimits(4, 1, 2, 0, 0, 500),
            ],
            backend.Asked);
    }

    [Fact]
    public async Task A_transfer_of_leadership_reaches_the_backend_as_it_was_sent()
    {
        Assert.Equal(202, (await SendAsync("POST", "/v1/shards/s-07/leader", """{"from":"0000000000000001","to":"0000000000000002","by":"op","reason":"hot"}""")).Status);
        Assert.Equal([(new ShardId(7), new TransferLeader(new NodeId(1), new NodeId(2), "op", "hot"))], backend.Asked);
    }

    [Fact]
    public async Task A_refusal_of_the_meta_group_is_a_conflict_with_its_answer()
    {
        backend.Answer = new MetaAnswer(false, 0, "same-shard", "Segment 7 is in s-02.");

        Assert.Equal(
            (409, """{"accepted":false,"migrationId":0,"error":"same-shard","detail":"Segment 7 is in s-02."}"""), await SendAsync("POST", "/v1/migrations", Start));
        Assert.Equal(409, (await SendAsync("PUT", "/v1/limits", Limits)).Status);
    }

    [Fact]
    public async Task A_node_that_does_not_lead_the_meta_group_says_who_does()
    {
        backend.Leader = new NotMetaLeader(new NodeId(3), "10.0.0.3:7301");

        Assert.Equal((421, """{"leader":"0000000000000003","adminAddress":"10.0.0.3:7301"}"""), await SendAsync("POST", "/v1/migrations", Start));
        Assert.Empty(backend.Asked);
    }

    [Theory]
    [InlineData("POST", "/v1/migrations", "", "body")]
    [InlineData("POST", "/v1/migrations", "nonsense", "body")]
    [InlineData("POST", "/v1/migrations", "[]", "body")]
    [InlineData("POST", "/v1/migrations", "null", "body")]
    [InlineData("POST", "/v1/migrations", """{"planHash":"abcd"}""", "moveNumber")]
    [InlineData("POST", "/v1/migrations", """{"planHash":"abcd","moveNumber":1,"segment":"x","from":"s-01","to":"s-02","by":"op","reason":"hot"}""", "segment")]
    [InlineData("POST", "/v1/migrations", """{"planHash":"abcd","moveNumber":1,"segment":70000,"from":"s-01","to":"s-02","by":"op","reason":"hot"}""", "segment")]
    [InlineData("POST", "/v1/migrations", """{"planHash":"abcd","moveNumber":1,"segment":1024,"from":"s-01","to":"s-02","by":"op","reason":"hot"}""", "segment")]
    [InlineData("POST", "/v1/migrations", """{"planHash":"abcd","moveNumber":1,"segment":7,"from":"north","to":"s-02","by":"op","reason":"hot"}""", "from")]
    [InlineData("POST", "/v1/migrations", """{"planHash":"","moveNumber":1,"segment":7,"from":"s-01","to":"s-02","by":"op","reason":"hot"}""", "planHash")]
    [InlineData("POST", "/v1/migrations", """{"planHash":null,"moveNumber":1,"segment":7,"from":"s-01","to":"s-02","by":"op","reason":"hot"}""", "planHash")]
    [InlineData("POST", "/v1/migrations/x/cancel", Change, "id")]
    [InlineData("POST", "/v1/migrations/5/cancel", """{"reason":"why"}""", "by")]
    [InlineData("POST", "/v1/shards/north/leader", """{"from":"0000000000000001","to":"0000000000000002","by":"op","reason":""}""", "shard")]
    [InlineData("POST", "/v1/shards/s-01/leader", """{"from":"0000000000000001","to":"0000000000000001","by":"op","reason":""}""", "to")]
    [InlineData("POST", "/v1/halt", """{"halted":"maybe","by":"op","reason":"stop"}""", "halted")]
    [InlineData("PUT", "/v1/limits", """{"maxConcurrentMoves":0,"nodeBytesPerSecond":1,"clusterBytesPerSecond":2,"clientP99GuardMicros":0,"retainSeconds":0,"cutOverLimitMs":500}""", "maxConcurrentMoves")]
    public async Task Nonsense_is_a_bad_request_that_names_the_field(string method, string path, string body, string field)
    {
        var answer = await SendAsync(method, path, body);

        Assert.Equal(400, answer.Status);
        using var problem = JsonDocument.Parse(answer.Body);
        Assert.Equal([field], problem.RootElement.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        Assert.Empty(backend.Asked);
    }

    [Fact]
    public async Task Unknown_paths_verbs_and_methods_and_too_large_bodies_have_their_own_answers()
    {
        Assert.Equal(404, (await SendAsync("GET", "/v1/nothing")).Status);
        Assert.Equal(404, (await SendAsync("POST", "/v1/migrations/5/explode", Change)).Status);
        Assert.Equal(405, (await SendAsync("DELETE", "/v1/migrations")).Status);
        Assert.Equal(413, (await SendAsync("POST", "/v1/migrations", new string(' ', AdminJson.MaxBodyBytes + 1))).Status);
    }

    private async Task<(int Status, string Body)> SendAsync(string method, string path, string? body = null, string? key = Key)
    {
        using var scope = services.CreateScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.Request.Method = method;
        context.Request.Path = path;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body ?? ""));
        context.Response.Body = new MemoryStream();
        if (key is not null)
        {
            context.Request.Headers[AdminRoutes.KeyHeader] = key;
        }

        await pipeline(context);
        context.Response.Body.Position = 0;
        return (context.Response.StatusCode, await new StreamReader(context.Response.Body).ReadToEndAsync());
    }

    private sealed class OneMetric : IMetricsSource
    {
        public IEnumerable<Metric> Metrics() => [Metric.Gauge("up", "Up.", 1)];
    }

    private sealed class FakeBackend : IAdminBackend
    {
        public List<object> Asked { get; } = [];

        public MetaAnswer Answer { get; set; } = new(true, 9, null, null);

        public NotMetaLeader? Leader { get; set; }

        public string? NotServing { get; set; }

        public NodeState State() => new(new NodeId(1), "n1", 5, 6, "v", new NodeStatus(1, 2, new NodeUse(3, 4, 5, 6), 7, new NodeId(1), false, [], []), []);

        public ClusterState Cluster() => new(
            "c", new ShardMap { Epoch = 1, Owners = [.. Enumerable.Repeat(new ShardId(1), 1024)] }, 3, [], MigrationLimits.Default, false, "", new NodeId(1));

        public IReadOnlyList<MigrationStatus> Migrations() => [];

        public NotMetaLeader? RedirectToMetaLeader() => Leader;

        public Task<MetaAnswer> StartAsync(StartMigration request, CancellationToken cancellation) => Note(request);

        public Task<MetaAnswer> ChangeAsync(ulong migration, string verb, ChangeMigration request, CancellationToken cancellation) => Note((migration, verb, request));

        public Task<MetaAnswer> SetHaltAsync(SetHalt request, CancellationToken cancellation) => Note(request);

        public Task<MetaAnswer> SetLimitsAsync(MigrationLimits limits, CancellationToken cancellation) => Note(limits);

        public IReadOnlyList<ReplicaChangeStatus> Replicas() => [];

        public Task<MetaAnswer> ReplaceAsync(GroupId group, ReplaceReplica request, CancellationToken cancellation) => Note((group, request));

        public Task<MetaAnswer> TransferAsync(ShardId shard, TransferLeader request, CancellationToken cancellation) => Note((shard, request));

        public Task<MetaAnswer> CancelReplicasAsync(ulong change, ChangeMigration request, CancellationToken cancellation) => Note((change, request));

        public Task<MetaAnswer> ChangeMemberAsync(NodeId node, string verb, ChangeMigration request, CancellationToken cancellation) => Note((node, verb, request));

        public NodeIntegrity Integrity() => new([new ShardIntegrity(new ShardId(1), true, "", 9, null, [])], [], 1, 2, 3, 4);

        public Task<System.Collections.Immutable.ImmutableArray<ShardId>> CheckAsync(StartCheck request)
        {
            Asked.Add(request);
            return Task.FromResult<System.Collections.Immutable.ImmutableArray<ShardId>>([request.Shard ?? new ShardId(1)]);
        }

        public Task<bool> DropOrphanAsync(SegmentId segment, ChangeMigration request)
        {
            Asked.Add((segment, request));
            return Task.FromResult(segment.Value == 7);
        }

        private Task<MetaAnswer> Note(object request)
        {
            Asked.Add(request);
            return Task.FromResult(Answer);
        }
    }
}
