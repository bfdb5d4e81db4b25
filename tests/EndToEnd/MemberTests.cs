using System.Text.Json;
using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.EndToEnd;

/// <summary>
/// A node's whole life over REST, with real processes, while clients write: it joins with shards of its own, plans of kind "membership" bring their segments and take them away
/// again, its shards go with it, and it is stopped.
/// </summary>
public sealed class MemberTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_fourth_node_joins_under_load_its_shards_get_their_segments_by_an_approved_plan_then_it_is_drained_and_leaves_and_nothing_is_lost()
    {
        await using var console = await ConsoleProcess.StartAsync();
        using var rest = await RestClient.SignInAsync(console);
        await Eventually.TrueAsync("three members serve", async () => (await MembersAsync(rest)).Count(m => Stage(m) == "Serving") == 3, () => console.Output);
        var file = Path.Combine(console.Folder, "local-cluster.json");
        var ports = Nodes(await File.ReadAllTextAsync(file)).Select(n => n.GetProperty("clientPort").GetInt32()).ToList();
        var segments = (await rest.GetAsync("/api/v1/map")).GetProperty("owners").GetArrayLength();
        var writer = LoadWriter.Start(ports, Enumerable.Range(0, segments).Where(i => i % 32 == 0).SelectMany(i => Keys.In(new SegmentId((ushort)i), segments, 1, "w")), writers: 4);
        await writer.WaitForMoreAsync(200);

        var founded = (await MapAsync(rest)).Shards.Length;
        var added = (await rest.PostAsync("/api/v1/members", new { zone = "", reason = "more room" })).GetProperty("id").GetString()!;
        await rest.PatchAsync("/api/v1/limits", new { retainSeconds = 0, batchSegments = 64, cutOverLimitMs = 10_000 });
        await Eventually.TrueAsync(
            "its shards are there with all their replicas, led by it",
            async () => await MapAsync(rest) is var all && all.Shards.Length == founded + (founded / 3)
                && all.Shards.All(s => s.Replicas.Length == 3) && (await MemberAsync(rest, added)).GetProperty("leads").GetInt32() == founded / 3,
            () => console.Output);
        await RunPlanAsync(rest, console, "Fills the shards");
        var map = await MapAsync(rest);
        var own = map.Shards.Skip(founded).Select(s => s.Id).ToList();
        Assert.All(own, s => Assert.InRange(map.Owners.Count(o => o == s), 0.8 * segments / map.Shards.Length, 1.1 * segments / map.Shards.Length));
        output.WriteLine($"{added} leads {own.Count} shards that own {map.Owners.Count(own.Contains)} of {segments} segments; {writer.Acknowledged} writes so far.");

        var plan = await rest.GetAsync($"/api/v1/members/{added}/fill");
        Assert.Equal("membership", plan.GetProperty("kind").GetString());
        var (moves, leads) = (plan.GetProperty("moves").GetArrayLength(), plan.GetProperty("moves").EnumerateArray().Count(m => m.GetProperty("takesLead").GetBoolean()));
        await rest.PostAsync($"/api/v1/members/{added}/fill", new { reason = "its share" });
        await Eventually.TrueAsync(
            "the node holds and leads its share",
            async () => await MemberAsync(rest, added) is var m && Stage(m) == "Serving" && m.GetProperty("replicas").GetInt32() == moves + own.Count && m.GetProperty("leads").GetInt32() == leads + own.Count,
            () => console.Output);
        output.WriteLine($"{added} took over {moves} replicas, {leads} of them leaders; {writer.Acknowledged} writes so far.");
        await writer.WaitForMoreAsync(200);

        await rest.PostAsync($"/api/v1/members/{added}/drain", new { reason = "it goes again", thenLeave = true });
        await Eventually.TrueAsync(
            "the drain waits for the plan to be approved",
            async () => await MemberAsync(rest, added) is var m && Stage(m) == "Draining" && m.GetProperty("progress").GetProperty("waiting").GetString()!.Contains("plan of kind membership", StringComparison.Ordinal),
            () => console.Output);
        await RunPlanAsync(rest, console, "Empties the shards");
        var seen = new List<string>();
        await Eventually.TrueAsync(
            "the node has left",
            async () =>
            {
                var found = (await MembersAsync(rest)).FirstOrDefault(m => m.GetProperty("name").GetString() == added);
                seen.Add(found.ValueKind == JsonValueKind.Undefined ? "gone" : $"{Stage(found)} {found.GetProperty("progress")}");
                return found.ValueKind == JsonValueKind.Undefined || Stage(found) == "Left";
            },
            () => console.Output);
        output.WriteLine(string.Join('\n', seen.Distinct()));
        await Eventually.TrueAsync(
            "its process is stopped and will not be started again",
            async () => Nodes(await File.ReadAllTextAsync(file))[3].GetProperty("left").GetBoolean() && !File.Exists(Path.Combine(console.Folder, "nodes", $"{added}.pid")),
            () => console.Output);
        Assert.Equal(founded, (await MapAsync(rest)).Shards.Length);
        await writer.WaitForMoreAsync(200);
        await writer.StopAndVerifyAsync();
        output.WriteLine($"{writer.Acknowledged} writes acknowledged, {writer.Unknown.Count} of unknown fate, none lost.");

        await rest.PostAsync("/api/v1/integrity/comparisons", new { reason = "after the drain" });
        await Eventually.TrueAsync(
            "the replicas of every shard are compared and equal",
            async () => (await rest.GetAsync("/api/v1/integrity")).GetProperty("shards").EnumerateArray().All(s => s.GetProperty("last") is { ValueKind: JsonValueKind.Object } last && last.GetProperty("outcome").GetString() == "Equal"),
            () => console.Output);
        foreach (var action in new[] { "node-added", "fill-started", "drain-started", "member-left", "comparison-started" })
        {
            Assert.NotEmpty((await rest.GetAsync($"/api/v1/audit?what={action}")).GetProperty("items").EnumerateArray());
        }
    }

    /// <summary>Waits for the plan that was proposed by itself, approves it, and waits for its end.</summary>
    private static async Task RunPlanAsync(RestClient rest, ConsoleProcess console, string reason)
    {
        var plan = await Eventually.ValueAsync(
            $"a plan is proposed: {reason}",
            async () => (await PlansAsync(rest)).FirstOrDefault(p => p.GetProperty("state").GetString() == "Proposed" && p.GetProperty("reason").GetString()!.StartsWith(reason, StringComparison.Ordinal)) is { ValueKind: JsonValueKind.Object } found ? found.GetProperty("id").GetString() : null,
            () => console.Output);
        await rest.PostAsync($"/api/v1/plans/{plan}/approve", new { reason = "test" });
        var last = "";
        await Eventually.TrueAsync(
            "the plan has ended",
            async () => (await PlansAsync(rest)).First(p => p.GetProperty("id").GetString() == plan) is var found
                && (last = found.ToString()).Length > 0 && found.GetProperty("state").GetString() is not ("Approved" or "Running"),
            () => last);
        Assert.True(last.Contains("\"state\":\"Done\"", StringComparison.Ordinal), last);
    }

    private static async Task<ShardMap> MapAsync(RestClient rest) => (await rest.GetAsync("/api/v1/map")).Deserialize<ShardMap>(JsonSerializerOptions.Web)!;

    private static async Task<List<JsonElement>> PlansAsync(RestClient rest) => [.. (await rest.GetAsync("/api/v1/plans")).GetProperty("items").EnumerateArray()];

    private static List<JsonElement> Nodes(string file) => [.. JsonSerializer.Deserialize<JsonElement>(file).GetProperty("nodes").EnumerateArray()];

    private static async Task<List<JsonElement>> MembersAsync(RestClient rest) => [.. (await rest.GetAsync("/api/v1/members")).GetProperty("items").EnumerateArray()];

    private static async Task<JsonElement> MemberAsync(RestClient rest, string name) =>
        (await MembersAsync(rest)).FirstOrDefault(m => m.GetProperty("name").GetString() == name) is { ValueKind: JsonValueKind.Object } found ? found : JsonSerializer.Deserialize<JsonElement>("""{"stage":"none"}""");

    private static string? Stage(JsonElement member) => member.GetProperty("stage").GetString();
}
