using System.Text;
using System.Text.Json;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.RaftConsole;
using ShardConsole.Unit.Tidy;

namespace ShardConsole.Unit.Consensus;

/// <summary>Plays recorded scenarios of a reference implementation and compares the state of every node. They lie beside the repository; without them the tests are skipped.</summary>
public sealed class RaftScenarioTests
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "raft-scenarios"));

    [Theory]
    [InlineData("campaign")]
    [InlineData("campaign_learner_must_vote")]
    [InlineData("checkquorum")]
    [InlineData("confchange_v1_add_single")]
    [InlineData("confchange_v1_remove_leader")]
    [InlineData("confchange_v2_add_double_auto")]
    [InlineData("confchange_v2_add_single_auto")]
    [InlineData("heartbeat_resp_recovers_from_probing")]
    [InlineData("lagging_commit")]
    [InlineData("prevote")]
    [InlineData("probe_and_replicate")]
    [InlineData("single_node")]
    [InlineData("slow_follower_after_compaction")]
    [InlineData("snapshot_succeed_via_app_resp")]
    public void Every_node_agrees_with_the_reference_after_every_directive(string scenario)
    {
        var file = Find(scenario);
        var script = new RaftScript();
        var lines = File.ReadAllLines(file);
        for (var i = 0; i < lines.Length; i++)
        {
            using var line = JsonDocument.Parse(lines[i]);
            var directive = line.RootElement.GetProperty("directive").GetString()!;
            Play(script, directive);
            Assert.Equal(Expected(i + 1, directive, line.RootElement.GetProperty("after")), Actual(i + 1, directive, script));
        }
    }

    private static void Play(RaftScript script, string directive)
    {
        try
        {
            script.Execute(directive);
        }
        catch (ScriptException e) when (e.Message == RaftScript.Dropped)
        {
            // The reference drops it too, and goes on.
        }
    }

    private static string Find(string scenario)
    {
        // A worktree lies one folder deeper than the repository itself.
        string[] folders = [Folder, Path.GetFullPath(Path.Combine(Folder, "..", "..", "..", "shared", "raft-scenarios"))];
        var file = folders.Select(f => Path.Combine(f, scenario + ".jsonl")).FirstOrDefault(File.Exists);
        Assert.SkipUnless(file is not null, $"The recorded scenarios are not there: {Folder} has no {scenario}.jsonl.");
        return file!;
    }

    private static string Expected(int number, string directive, JsonElement after)
    {
        var text = new StringBuilder($"{number}: {directive}\n");
        foreach (var n in after.GetProperty("nodes") is { ValueKind: JsonValueKind.Array } nodes ? nodes.EnumerateArray().ToArray() : [])
        {
            var log = n.GetProperty("Log") is { ValueKind: JsonValueKind.Array } entries ? entries.EnumerateArray().Select(Entry) : [];
            text.AppendLine(
                $"{n.GetProperty("ID")} term {n.GetProperty("Term")} vote {n.GetProperty("Vote")} commit {n.GetProperty("Commit")} applied {n.GetProperty("Applied")} leader {n.GetProperty("Lead")} "
                + $"{n.GetProperty("Role").GetString()!["State".Length..]} first {n.GetProperty("First")} {n.GetProperty("Conf").GetString()} log {string.Join(' ', log)}");
        }

        return text.ToString();
    }

    private static string Entry(JsonElement entry)
    {
        var kind = entry.GetProperty("Ty").GetString() switch
        {
            "EntryNormal" => EntryKind.Normal,
            "EntryConfChange" => EntryKind.Configuration,
            _ => EntryKind.ConfigurationV2,
        };
        var data = kind == EntryKind.Normal ? entry.GetProperty("D").GetString()!.Trim('"') : "";
        return $"{entry.GetProperty("T")}/{entry.GetProperty("I")}:{kind}:{data}";
    }

    private static string Actual(int number, string directive, RaftScript script)
    {
        var text = new StringBuilder($"{number}: {directive}\n");
        foreach (var node in script.Nodes.Values)
        {
            var s = node.Core.Status();
            var log = node.Log.Read(node.Log.FirstIndex, node.Log.LastIndex + 1, long.MaxValue)
                .Select(e => $"{e.Term}/{e.Index}:{e.Kind}:{(e.Kind == EntryKind.Normal ? Encoding.UTF8.GetString(e.Data.Span) : "")}");
            text.AppendLine(
                $"{s.Id} term {s.Term} vote {s.Vote} commit {s.Commit} applied {s.Applied} leader {s.Leader} {s.Role} first {node.Log.FirstIndex} {s.Configuration with { AutoLeave = false }} log {string.Join(' ', log)}");
        }

        return text.ToString();
    }
}
