using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Kinds of action that a plan is made of, cheapest first.</summary>
internal static class PlanActions
{
    /// <summary>Another replica of a shard leads it.</summary>
    public const string Transfer = "transfer";

    /// <summary>One segment goes to another shard.</summary>
    public const string Move = "move";

    /// <summary>Segments go both ways between two shards.</summary>
    public const string Swap = "swap";

    /// <summary>Segments that are asked for together go together.</summary>
    public const string Clump = "clump";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [Transfer, Move, Swap, Clump];

    /// <summary>The kinds of which a plan has some, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Of(Plan plan)
    {
        var ways = plan.Moves.Select(m => (m.From, m.To)).ToHashSet();
        string KindOf(Move move) => move.Clump is not null ? Clump : ways.Contains((move.To, move.From)) ? Swap : Move;
        var found = plan.Moves.Select(KindOf).Concat(plan.Transfers.Select(_ => Transfer)).ToHashSet();
        return [.. All.Where(found.Contains)];
    }
}
