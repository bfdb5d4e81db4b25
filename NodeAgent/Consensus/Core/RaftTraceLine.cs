using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Writes events as newline-delimited JSON, so that a run can be held against a specification.</summary>
internal static class RaftTraceLine
{
    /// <summary>One line without its end: name, node, term, vote, commit, role, log, conf and, where there is one, message.</summary>
    public static string Of(RaftTraceEvent e)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("name", e.Name);
            json.WriteNumber("node", e.Node);
            json.WriteNumber("term", e.Term);
            json.WriteNumber("vote", e.Vote);
            json.WriteNumber("commit", e.Commit);
            json.WriteString("role", e.Role.ToString());
            json.WriteNumber("log", e.LogLength);
            WriteConfiguration(json, e.Configuration);
            if (e.Message is { } message)
            {
                WriteMessage(json, message);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void WriteConfiguration(Utf8JsonWriter json, ConfigurationState conf)
    {
        json.WriteStartObject("conf");
        WriteIds(json, "voters", conf.Voters);
        WriteIds(json, "outgoing", conf.VotersOutgoing);
        WriteIds(json, "learners", conf.Learners);
        WriteIds(json, "learnersNext", conf.LearnersNext);
        json.WriteBoolean("autoLeave", conf.AutoLeave);
        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, string name, IReadOnlyList<ulong> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter json, RaftMessage message)
    {
        json.WriteStartObject("message");
        json.WriteString("type", message.GetType().Name);
        json.WriteNumber("from", message.From);
        json.WriteNumber("to", message.To);
        json.WriteNumber("term", message.Term);
        WriteBody(json, message);
        json.WriteEndObject();
    }

    private static void WriteBody(Utf8JsonWriter json, RaftMessage message)
    {
        switch (message)
        {
            case AppendRequest m: Numbers(json, ("prevIndex", m.PrevIndex), ("prevTerm", m.PrevTerm), ("entries", (ulong)m.Entries.Count), ("commit", m.Commit)); break;
            case AppendResponse m: Refusal(json, m.Rejected, ("index", m.Index), ("hintIndex", m.HintIndex), ("hintTerm", m.HintTerm)); break;
            case VoteRequest m: Numbers(json, ("lastIndex", m.LastIndex), ("lastTerm", m.LastTerm), ("forced", m.Forced ? 1UL : 0)); break;
            case PreVoteRequest m: Numbers(json, ("lastIndex", m.LastIndex), ("lastTerm", m.LastTerm)); break;
            case VoteResponse m: Refusal(json, m.Rejected); break;
            case PreVoteResponse m: Refusal(json, m.Rejected); break;
            case HeartbeatRequest m: Numbers(json, ("commit", m.Commit), ("round", m.Round)); break;
            case HeartbeatResponse m: Numbers(json, ("round", m.Round)); break;
            case SnapshotRequest m: Numbers(json, ("index", m.Mark.Index), ("snapshotTerm", m.Mark.Term)); break;
        }
    }

    private static void Refusal(Utf8JsonWriter json, bool rejected, params ReadOnlySpan<(string Name, ulong Value)> numbers)
    {
        json.WriteBoolean("rejected", rejected);
        Numbers(json, numbers);
    }

    private static void Numbers(Utf8JsonWriter json, params ReadOnlySpan<(string Name, ulong Value)> numbers)
    {
        foreach (var (name, value) in numbers)
        {
            json.WriteNumber(name, value);
        }
    }
}
