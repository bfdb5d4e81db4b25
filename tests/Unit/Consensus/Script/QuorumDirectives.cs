using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus.Script;

/// <summary>The two directives that only calculate: the index that a quorum holds, and how a vote stands. Values belong to the voters of both halves, ascending; "_" is unknown.</summary>
internal static class QuorumDirectives
{
    public static string Committed(Directive d)
    {
        var given = Given(d, "idx", text => Directive.Id(text));
        ulong Of(IReadOnlyList<ulong> voters) => Quorum.Reached(voters.Select(v => given.GetValueOrDefault(v) ?? 0).ToArray());
        var index = Math.Min(Of(d.Set("cfg")), Of(d.Set("cfgj")));
        return index == ulong.MaxValue ? "∞" : index.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    public static string Vote(Directive d)
    {
        var given = Given(d, "votes", text => text == "y" ? 1UL : 0UL);
        VoteResult Of(IReadOnlyList<ulong> voters) =>
            Quorum.Vote(voters.Count, voters.Count(v => given.GetValueOrDefault(v) == 1UL), voters.Count(v => given.GetValueOrDefault(v) == 0UL));
        return $"Vote{Quorum.Both(Of(d.Set("cfg")), Of(d.Set("cfgj")))}";
    }

    private static Dictionary<ulong, ulong?> Given(Directive d, string key, Func<string, ulong> read)
    {
        var ids = d.Set("cfg").Union(d.Set("cfgj")).Order().ToArray();
        var items = Directive.Items(d.Find(key) ?? "");
        if (items.Length != ids.Length)
        {
            throw new ScriptException($"{key}: {items.Length} values for {ids.Length} voters");
        }

        return ids.Zip(items).ToDictionary(x => x.First, x => x.Second == "_" ? (ulong?)null : read(x.Second));
    }
}
