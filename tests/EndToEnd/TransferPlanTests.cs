using System.Text.Json;
using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.EndToEnd;

/// <summary>A plan that hands leadership over, on real nodes: proposed because a node is over its comfort zone, approved over REST, carried out by the meta group while clients write.</summary>
public sealed class TransferPlanTests
{
    private const int Readers = 2;

    [Fact]
    public async Task A_node_over_its_comfort_zone_hands_a_shard_over_by_an_approved_plan_and_no_write_is_lost()
    {
        await using var console = await ConsoleProcess.StartAsync();
        using var rest = await RestClient.SignInAsync(console);
        var map = await Eventually.ValueAsync<object>(
            "every node has reported its use", async () => (await NodesAsync(rest)) is { Count: 3 } nodes && nodes.All(n => Cpu(n) > 0) ? await rest.GetAsync("/api/v1/map") : null, () => console.Output) is JsonElement found ? found : default;
        var ports = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(console.Folder, "local-cluster.json")))
            .GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("clientPort").GetInt32()).ToArray();

        // Reads load whoever leads a segment, and nobody else: all of them go to what one node leads.
        var busy = map.GetProperty("shards")[0].GetProperty("preferredLeader").GetString();
        var led = map.GetProperty("shards").EnumerateArray().Where(s => s.GetProperty("preferredLeader").GetString() == busy).Select(s => s.GetProperty("id").GetString()).ToHashSet();
        var owners = map.GetProperty("owners").EnumerateArray().Select(o => o.GetString()).ToArray();
        var segments = led.SelectMany(s => Enumerable.Range(0, owners.Length).Where(i => owners[i] == s).Take(2));
        string[] keys = [.. segments.SelectMany(s => Keys.In(new SegmentId((ushort)s), owners.Length, 2, "t"))];
        using var stop = new CancellationTokenSource();
        var writer = LoadWriter.Start(ports, keys, writers: 1);
        var readers = Enumerable.Range(0, Readers).Select(r => Task.Run(() => ReadAsync(ports, [.. keys.Where((_, i) => i % Readers == r)], stop.Token))).ToArray();

        // How much that is depends on the machine: the comfort zone is put between the busy node and the others until a plan comes of it.
        var id = await Eventually.ValueAsync(
            "a plan with a transfer of leadership",
            async () =>
            {
                var use = (await NodesAsync(rest)).ToDictionary(n => n.GetProperty("id").GetString()!, Cpu);
                var others = use.Where(u => u.Key != busy).Max(u => u.Value);
                if (use[busy!] > 1.3 * others)
                {
                    await rest.PutAsync("/api/v1/settings", new { comfortZone = Math.Clamp((use[busy!] + others) / 2, 0.05, 1), thresholdMillicores = 1e6, minGainMinutes = 0, reason = "test" });
                }

                await rest.PostAsync("/api/v1/plans", new { });
                return Items(await rest.GetAsync("/api/v1/plans")).Where(p => p.GetProperty("state").GetString() == "Proposed" && p.GetProperty("transfers").GetInt32() > 0)
                    .Select(p => p.GetProperty("id").GetString()).FirstOrDefault();
            },
            () => console.Output);
        var transfer = (await rest.GetAsync($"/api/v1/plans/{id}")).GetProperty("transfers")[0].GetProperty("transfer");
        var (shard, to) = (transfer.GetProperty("shard").GetString(), transfer.GetProperty("to").GetString());
        Assert.Equal(busy, transfer.GetProperty("from").GetString());
        Assert.Contains("nothing is copied", transfer.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await rest.PostAsync($"/api/v1/plans/{id}/approve", new { reason = "test" });

        await Eventually.TrueAsync(
            "the map and the nodes name the new leader",
            async () => (await rest.GetAsync("/api/v1/map")).GetProperty("shards").EnumerateArray().Single(s => s.GetProperty("id").GetString() == shard).GetProperty("preferredLeader").GetString() == to
                && (await NodesAsync(rest)).Single(n => n.GetProperty("id").GetString() == to).GetProperty("leads").EnumerateArray().Any(s => s.GetString() == shard),
            () => console.Output);
        await Eventually.TrueAsync(
            "the plan says how the transfer ended",
            async () => (await rest.GetAsync($"/api/v1/plans/{id}")).GetProperty("transfers")[0].GetProperty("outcome").GetString() is { Length: > 0 }, () => console.Output);

        await writer.WaitForMoreAsync(50);
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        await writer.StopAndVerifyAsync();
    }

    private static List<JsonElement> Items(JsonElement answer) => [.. (answer.ValueKind == JsonValueKind.Array ? answer : answer.GetProperty("items")).EnumerateArray()];

    private static async Task<List<JsonElement>> NodesAsync(RestClient rest) => Items(await rest.GetAsync("/api/v1/nodes"));

    private static double Cpu(JsonElement node) => node.GetProperty("dimensions")[0].GetProperty("now") is { ValueKind: JsonValueKind.Number } now ? now.GetDouble() : 0;

    private static async Task ReadAsync(int[] ports, string[] keys, CancellationToken stop)
    {
        using var client = new ShardedClient(ports);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await client.RepeatAsync("GET", keys[i % keys.Length]);
        }
    }
}
