using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.RaftConsole;

/// <summary>The two directives that only calculate: the index that a quorum holds, and how a vote stands. Values belong to the voters of both halves, each voter once, in the order in which they are named; "_" is unknown, cfgj=zero an empty second half.</summary>
internal static class QuorumDirectives
{
    public static string Committed(Directive d)
    {
        var given = Given(d, "idx", text => Directive.Id(text));
        ulong Of(IReadOnlyList<ulong> voters) => Quorum.Reached(voters.Select(v => given.GetValueOrDefault(v) ?? 0).ToArray());
        var index = Math.Min(Of(d.Set("cfg")), Of(Outgoing(d)));
        return index == ulong.MaxValue ? "∞" : index.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    public static string Vote(Directive d)
    {
        var given = Given(d, "votes", text => text switch { "y" => 1UL, "n" => 0UL, _ => throw new ScriptException($"a vote is y, n or _, not {text}") });
        VoteResult Of(IReadOnlyList<ulong> voters) =>
            Quorum.Vote(voters.Count, voters.Count(v => given.GetValueOrDefault(v) == 1UL), voters.Count(v => given.GetValueOrDefault(v) == 0UL));
        return $"Vote{Quorum.Both(Of(d.Set("cfg")), Of(Outgoing(d)))}";
    }

    private static IReadOnlyList<ulong> Outgoing(Directive d) => d.Find("cfgj") is "zero" or "(zero)" ? [] : d.Set("cfgj");

    private static Dictionary<ulong, ulong?> Given(Directive d, string key, Func<string, ulong> read)
    {
        d.Allow("cfg", "cfgj", key);
        var ids = d.Set("cfg").Union(Outgoing(d)).ToArray();
        var items = Directive.Items(d.Find(key) ?? "");
        if (items.Length != ids.Length)
        {
            throw new ScriptException($"{key}: {items.Length} values for {ids.Length} voters");
        }

        return ids.Zip(items).ToDictionary(x => x.First, x => x.Second == "_" ? (ulong?)null : read(x.Second));
    }
}
