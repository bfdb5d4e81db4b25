using System.Text.Json;
using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.EndToEnd;

/// <summary>A node's whole life over REST, with real processes: it is added, filled, drained while clients write, leaves and is stopped.</summary>
public sealed class MemberTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_fourth_node_joins_over_REST_gets_its_share_is_drained_under_load_and_leaves_and_nothing_is_lost()
    {
        await using var console = await ConsoleProcess.StartAsync();
        using var rest = await RestClient.SignInAsync(console);
        await Eventually.TrueAsync("three members serve", async () => (await MembersAsync(rest)).Count(m => Stage(m) == "Serving") == 3, () => console.Output);
        var file = Path.Combine(console.Folder, "local-cluster.json");
        var ports = Nodes(await File.ReadAllTextAsync(file)).Select(n => n.GetProperty("clientPort").GetInt32()).ToList();
        var segments = (await rest.GetAsync("/api/v1/map")).GetProperty("owners").GetArrayLength();
        var writer = LoadWriter.Start(ports, Enumerable.Range(0, segments).Where(i => i % 32 == 0).SelectMany(i => Keys.In(new SegmentId((ushort)i), segments, 1, "w")), writers: 4);
        await writer.WaitForMoreAsync(200);

        var added = (await rest.PostAsync("/api/v1/members", new { zone = "", reason = "more room" })).GetProperty("id").GetString()!;
        await Eventually.TrueAsync("the node is a member that holds nothing", async () => Stage(await MemberAsync(rest, added)) == "Empty", () => console.Output);

        var plan = await rest.GetAsync($"/api/v1/members/{added}/fill");
        Assert.Equal("membership", plan.GetProperty("kind").GetString());
        var (moves, leads) = (plan.GetProperty("moves").GetArrayLength(), plan.GetProperty("moves").EnumerateArray().Count(m => m.GetProperty("takesLead").GetBoolean()));
        await rest.PostAsync($"/api/v1/members/{added}/fill", new { reason = "its share" });
        await Eventually.TrueAsync(
            "the node holds and leads its share",
            async () => await MemberAsync(rest, added) is var m && Stage(m) == "Serving" && m.GetProperty("replicas").GetInt32() == moves && m.GetProperty("leads").GetInt32() == leads,
            () => console.Output);
        output.WriteLine($"{added} took over {moves} replicas, {leads} of them leaders; {writer.Acknowledged} writes so far.");
        await writer.WaitForMoreAsync(200);

        await rest.PostAsync($"/api/v1/members/{added}/drain", new { reason = "it goes again", thenLeave = true });
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
        Assert.Contains(seen, s => s.StartsWith("Draining", StringComparison.Ordinal));
        await Eventually.TrueAsync(
            "its process is stopped and will not be started again",
            async () => Nodes(await File.ReadAllTextAsync(file))[3].GetProperty("left").GetBoolean() && !File.Exists(Path.Combine(console.Folder, "nodes", $"{added}.pid")),
            () => console.Output);
        await writer.WaitForMoreAsync(200);
        await writer.StopAndVerifyAsync();
        output.WriteLine($"{writer.Acknowledged} writes acknowledged, {writer.Unknown} of unknown fate, none lost.");

        await rest.PostAsync("/api/v1/integrity/comparisons", new { reason = "after the drain" });
        await Eventually.TrueAsync(
            "the replicas of every shard are compared and equal",
            async () => (await rest.GetAsync("/api/v1/integrity")).GetProperty("shards").EnumerateArray().All(s => s.GetProperty("last") is { ValueKind: JsonValueKind.Object } last && last.GetProperty("outcome").GetString() == "Equal"),
            () => console.Output);
        Assert.Equal(
            ["comparison-started", "member-left", "drain-started", "fill-started", "node-added"],
            (await rest.GetAsync("/api/v1/audit?limit=50")).GetProperty("items").EnumerateArray().Select(a => a.GetProperty("action").GetString())
                .Where(a => a is "comparison-started" or "member-left" or "drain-started" or "fill-started" or "node-added").Distinct());
    }

    private static List<JsonElement> Nodes(string file) => [.. JsonSerializer.Deserialize<JsonElement>(file).GetProperty("nodes").EnumerateArray()];

    private static async Task<List<JsonElement>> MembersAsync(RestClient rest) => [.. (await rest.GetAsync("/api/v1/members")).GetProperty("items").EnumerateArray()];

    private static async Task<JsonElement> MemberAsync(RestClient rest, string name) =>
        (await MembersAsync(rest)).FirstOrDefault(m => m.GetProperty("name").GetString() == name) is { ValueKind: JsonValueKind.Object } found ? found : JsonSerializer.Deserialize<JsonElement>("""{"stage":"none"}""");

    private static string? Stage(JsonElement member) => member.GetProperty("stage").GetString();
}
