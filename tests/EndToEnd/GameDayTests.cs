using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>A game day: a simulated fleet from forecast to a committed move, and on it the scripts of docs/api.md.</summary>
public sealed partial class GameDayTests
{
    [Fact]
    public async Task A_simulated_fleet_is_planned_for_moved_and_labelled_and_the_scripts_of_the_documentation_run_on_it()
    {
        await using var console = await ConsoleProcess.StartAsync("--fleet", "simulated", "--nodes", "25", "--segments", "256", "--clock", "60x");
        using var rest = await RestClient.SignInAsync(console);
        Assert.True((await rest.GetAsync("/api/v1/cluster")).GetProperty("simulated").GetBoolean());
        Assert.Equal(25, Items(await rest.GetAsync("/api/v1/nodes")).Count);

        // Somebody has to be relieved.
        var shards = await Eventually.ValueAsync(
            "every shard has a predicted load", async () => Items(await rest.GetAsync("/api/v1/shards?limit=200")) is { Count: > 0 } all && all.All(s => s.GetProperty("peak").ValueKind == JsonValueKind.Number) ? all : null,
            () => console.Output);
        await rest.PutAsync("/api/v1/settings", new { thresholdMillicores = 0.85 * shards.Max(s => s.GetProperty("peak").GetDouble()), comfortZone = 1.0, reason = "the hottest shard is to be relieved" });
        await rest.PostAsync("/api/v1/plans", new { });
        var plan = await Eventually.ValueAsync(
            "a plan", async () => Items(await rest.GetAsync("/api/v1/plans?state=proposed")) is { Count: > 0 } all ? all[0].GetProperty("id").GetString() : null, () => console.Output);
        await rest.PostAsync($"/api/v1/plans/{plan}/approve", new { reason = "test" });
        await Eventually.TrueAsync(
            "a move of the plan was committed", async () => Items(await rest.GetAsync("/api/v1/migrations")).Any(m => m.GetProperty("status").GetProperty("phase").GetString() is "Retaining" or "Cleaning" or "Done"),
            () => console.Output);
        Assert.True((await rest.GetAsync("/api/v1/map")).GetProperty("epoch").GetInt64() > 1);

        await ScriptsAsync(rest, new Uri(console.SetupLink).GetLeftPart(UriPartial.Authority));
    }

    // Each fenced script as it stands, in the order of the document.
    private static async Task ScriptsAsync(RestClient rest, string address)
    {
        var secret = (await rest.PostAsync("/api/v1/tokens", new { name = "scripts", role = "administrator", days = 1 })).GetProperty("secret").GetString()!;
        var document = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "api.md"));
        var blocks = Fenced().Matches(document).Select(m => (Language: m.Groups[1].Value, File: m.Groups[2].Value, Text: m.Groups[3].Value)).ToList();
        Assert.Equal((12, 12), (blocks.Count(b => b.Language == "bash"), blocks.Count(b => b is { Language: "python", File: "" })));
        var folder = Directory.CreateTempSubdirectory("shardconsole-scripts-");
        try
        {
            foreach (var (_, file, text) in blocks.Where(b => b.File.Length > 0))
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, file), text);
            }

            foreach (var (language, _, text) in blocks.Where(b => b.File.Length == 0))
            {
                var (code, output) = await RunAsync(folder.FullName, language, text, address, secret);
                Assert.True(code == 0, $"This script of docs/api.md ended with {code}:\n{text}\n{output}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder, string language, string text, string address, string secret)
    {
        var start = new ProcessStartInfo(language == "bash" ? "bash" : "python3") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = language == "bash" ? ["-e", "-o", "pipefail", "-c", text] : ["-c", text];
        Array.ForEach(arguments, start.ArgumentList.Add);
        (start.Environment["SHARDCONSOLE"], start.Environment["SHARDCONSOLE_KEY"], start.Environment["PYTHONPATH"]) = (address, secret, folder);
        using var process = Process.Start(start)!;
        var (written, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await written + await errors);
    }

    private static List<JsonElement> Items(JsonElement answer) => [.. (answer.ValueKind == JsonValueKind.Array ? answer : answer.GetProperty("items")).EnumerateArray()];

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ShardConsole.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("ShardConsole.sln is in no folder above the tests.");
        }

        return folder.FullName;
    }

    [GeneratedRegex("^```(bash|python)(?: file=(\\S+))?\\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();
}
