using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>The admin ports of a cluster's nodes, with the cluster's key. Changes go to whatever node leads the meta group.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Func<IEnumerable<NodeProcess>> running;

    public AdminClient(string key, Func<IEnumerable<NodeProcess>> running)
    {
        http.DefaultRequestHeaders.Add(AdminRoutes.KeyHeader, key);
        this.running = running;
    }

    public async Task<bool> IsHealthyAsync(NodeProcess node)
    {
        using var answer = await http.GetAsync(At(node, AdminRoutes.Health));
        return answer.IsSuccessStatusCode;
    }

    /// <summary>What the node answers when it is asked for its health.</summary>
    public async Task<string> HealthAsync(NodeProcess node)
    {
        using var answer = await http.GetAsync(At(node, AdminRoutes.Health));
        return await answer.Content.ReadAsStringAsync();
    }

    public Task<NodeState> StateAsync(NodeProcess node) => GetAsync<NodeState>(node, AdminRoutes.State);

    public Task<ClusterState> ClusterAsync(NodeProcess node) => GetAsync<ClusterState>(node, AdminRoutes.Cluster);

    public Task<MigrationStatus[]> MigrationsAsync(NodeProcess node) => GetAsync<MigrationStatus[]>(node, AdminRoutes.Migrations);

    /// <summary>One metric of a node.</summary>
    public async Task<long> MetricAsync(NodeProcess node, string sample)
    {
        var text = await http.GetStringAsync(At(node, AdminRoutes.Metrics));
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(sample + " ", StringComparison.Ordinal));
        return line is null ? throw new InvalidOperationException($"{node.Name} has no metric {sample}.") : (long)double.Parse(line[sample.Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>A migration as the meta group's leader has it; null while nobody answers for it.</summary>
    public async Task<MigrationStatus?> FindMigrationAsync(ulong id)
    {
        MigrationStatus? newest = null;
        foreach (var node in running())
        {
            try
            {
                // Nodes that only follow may lag and know no progress: the longest life is the newest, and the leader counts.
                var found = (await MigrationsAsync(node)).FirstOrDefault(m => m.Id == id);
                newest = found is not null && (newest is null || (found.Log.Length, found.CopiedBytes).CompareTo((newest.Log.Length, newest.CopiedBytes)) > 0) ? found : newest;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Another node answers.
            }
        }

        return newest;
    }

    public Task<MetaAnswer> StartAsync(string plan, int move, SegmentId segment, ShardId from, ShardId to) => ChangeAsync(
        HttpMethod.Post, AdminRoutes.Migrations, new StartMigration(plan, move, segment, from, to, "test", "end-to-end test"));

    public Task<MetaAnswer> ChangeAsync(ulong migration, string verb) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.Change(migration, verb), new ChangeMigration("test", "end-to-end test"));

    /// <summary>Changes of replicas as a node knows them, newest first.</summary>
    public Task<ReplicaChangeStatus[]> ReplicasAsync(NodeProcess node) => GetAsync<ReplicaChangeStatus[]>(node, AdminRoutes.Replicas);

    public Task<MetaAnswer> ReplaceAsync(GroupId group, NodeId from, NodeId to) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.ReplicasOf(group), new ReplaceReplica(from, to, "test", "end-to-end test"));

    /// <summary>Drains a member, takes it back or lets it go.</summary>
    public Task<MetaAnswer> ChangeMemberAsync(NodeId node, string verb) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.Member(node, verb), new ChangeMigration("test", "end-to-end test"));

    /// <summary>What a node knows of the equality of the replicas that it leads.</summary>
    public Task<NodeIntegrity> IntegrityAsync(NodeProcess node) => GetAsync<NodeIntegrity>(node, AdminRoutes.Integrity);

    /// <summary>Asks one node to compare a shard's replicas, if it leads it.</summary>
    public async Task<CheckAnswer> CheckAsync(NodeProcess node, ShardId shard)
    {
        using var response = await http.PostAsJsonAsync(At(node, AdminRoutes.Checks), new StartCheck(shard, "test", ""));
        return await ReadAsync<CheckAnswer>(response);
    }

    public async Task LimitAsync(MigrationLimits limits) => Assert.True((await ChangeAsync(HttpMethod.Put, AdminRoutes.Limits, limits)).Accepted);

    /// <summary>Sends a change to the meta group's leader: follows 421, and asks again while there is none. Only what is safe to repeat.</summary>
    public Task<MetaAnswer> ChangeAsync<T>(HttpMethod method, string path, T body) => Eventually.ValueAsync($"{method} {path}", async () =>
    {
        foreach (var node in running())
        {
            var target = At(node, path);
            for (var hop = 0; hop < 3; hop++)
            {
                using var request = new HttpRequestMessage(method, target) { Content = JsonContent.Create(body) };
                using var response = await http.SendAsync(request);
                if (response.StatusCode == HttpStatusCode.MisdirectedRequest)
                {
                    var leader = await ReadAsync<NotMetaLeader>(response);
                    if (leader.AdminAddress.Length == 0)
                    {
                        break;
                    }

                    target = new Uri($"http://{leader.AdminAddress}{path}");
                    continue;
                }

                var answer = await ReadAsync<MetaAnswer>(response);
                if (answer.Error is "unavailable" or "unknown")
                {
                    break;
                }

                return answer;
            }
        }

        return null;
    });

    public void Dispose() => http.Dispose();

    private static Uri At(NodeProcess node, string path) => new($"http://127.0.0.1:{node.AdminPort}{path}");

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        try
        {
            return JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web)!;
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode}: {text}", e);
        }
    }

    private async Task<T> GetAsync<T>(NodeProcess node, string path)
    {
        using var response = await http.GetAsync(At(node, path));
        return await ReadAsync<T>(response);
    }
}
