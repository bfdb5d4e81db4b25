using System.Globalization;
using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Whether the cluster as a whole is too small or too large for its forecast.</summary>
internal static class SizingAdvice
{
    /// <summary>A cluster that needs at most this share of its nodes is called too large.</summary>
    private const double Roomy = 0.6;

    /// <summary>The advice with its numbers; null where the size fits, or where no capacity is known. Needs nodes of equal capacity to count in nodes: takes their mean.</summary>
    public static string? Of(ScoreBoard board)
    {
        var limited = Enumerable.Range(0, board.Members.Count)
            .Where(i => board.Members[i].Alive && board.Members[i].Member.Capacity.CpuMillicores > 0).ToArray();
        if (limited.Length == 0)
        {
            return null;
        }

        var capacity = limited.Average(i => (double)board.Members[i].Member.Capacity.CpuMillicores);
        double highest = 0;
        var at = 0;
        for (var k = 0; k < board.Field.StepCount; k++)
        {
            var load = limited.Sum(i => board.Nodes[i].PerStep[k]);
            if (load > highest)
            {
                (highest, at) = (load, k);
            }
        }

        // As many copies as there are now must still find a node each.
        var replicas = board.Map.Shards.Select(s => s.Replicas.Length).DefaultIfEmpty(1).Max();
        var needed = Math.Max(replicas, (int)Math.Ceiling(highest / (board.ComfortZone * capacity)));
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"the nodes together are predicted to need {highest:0} mcore at {Words.Time(board.Field.Starts[at], board.MadeAt)}; inside the comfort zone of {Words.Percent(board.ComfortZone)} a node carries {board.ComfortZone * capacity:0}");
        if (needed > limited.Length)
        {
            return $"Too small: {figures}, so {needed} nodes are needed and {limited.Length} are alive: add {needed - limited.Length}. No move can make up for that.";
        }

        return limited.Length > replicas && needed <= Roomy * limited.Length
            ? $"Too large: {figures}, so {needed} nodes would do and {limited.Length} are alive."
            : null;
    }
}
