using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.RaftConsole;

/// <summary>The state of every node of a script as one line of JSON.</summary>
internal static class StateLine
{
    // The line is read by programs and people, not put into a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="script">The script.</param>
    /// <param name="result">What the last directive printed; left out where it printed nothing.</param>
    public static string Of(RaftScript script, string result)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteStartArray("nodes");
            foreach (var node in script.Nodes.Values)
            {
                Write(json, script, node);
            }

            json.WriteEndArray();
            json.WriteNumber("inflight", script.Messages.Count);
            if (result.Length > 0)
            {
                json.WriteString("result", result);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, RaftScript script, ScriptNode node)
    {
        var status = node.Core.Status();
        json.WriteStartObject();
        json.WriteNumber("id", status.Id);
        json.WriteNumber("term", status.Term);
        json.WriteNumber("vote", status.Vote);
        json.WriteNumber("commit", status.Commit);
        json.WriteNumber("applied", status.Applied);
        json.WriteNumber("lead", status.Leader);
        json.WriteString("role", status.Role.ToString());
        json.WriteNumber("first", node.Log.FirstIndex);
        json.WriteStartArray("log");
        foreach (var entry in node.Log.Read(node.Log.FirstIndex, node.Log.LastIndex + 1, long.MaxValue))
        {
            Write(json, entry);
        }

        json.WriteEndArray();
        json.WriteString("conf", status.Configuration.ToString());
        WriteReads(json, script, node);
        if (node.Down)
        {
            json.WriteBoolean("down", true);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, in Entry entry)
    {
        json.WriteStartArray();
        json.WriteNumberValue(entry.Term);
        json.WriteNumberValue(entry.Index);
        json.WriteStringValue(entry.Kind switch { EntryKind.Normal => "normal", EntryKind.Configuration => "conf", _ => "confv2" });
        json.WriteStringValue(entry.Kind == EntryKind.Normal ? Encoding.UTF8.GetString(entry.Data.Span) : Steps(entry));
        json.WriteEndArray();
    }

    private static string Steps(in Entry entry) => !ConfigurationChange.TryDecode(entry.Data.Span, out var change) ? "" : string.Join(' ', change.Steps.Select(s => s.Kind switch
    {
        ConfigurationChangeKind.AddVoter => $"v{s.Id}",
        ConfigurationChangeKind.AddLearner => $"l{s.Id}",
        _ => $"r{s.Id}",
    }));

    private static void WriteReads(Utf8JsonWriter json, RaftScript script, ScriptNode node)
    {
        if (node.Reads.Count == 0)
        {
            return;
        }

        json.WriteStartArray("reads");
        foreach (var read in node.Reads)
        {
            json.WriteStartArray();
            json.WriteNumberValue(read.Index);
            json.WriteStringValue(script.Contexts.ElementAt((int)read.Context));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
