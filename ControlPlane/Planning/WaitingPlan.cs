using System.Globalization;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Whether a plan that waits for a decision goes on waiting when a newer one is found: an operator should not find another plan after every forecast.</summary>
internal static class WaitingPlan
{
    /// <summary>
    /// Why the waiting plan stays, in words; null when the newer finding takes its place. It stays while it harms nobody under the newest forecast, still
    /// saves what is worth a plan, and the newer one does not leave clearly less overload.
    /// </summary>
    /// <param name="waiting">The plan that waits; its preconditions hold.</param>
    /// <param name="input">What the newer result was made from.</param>
    /// <param name="newer">The newer result, a plan or "nothing to do".</param>
    /// <param name="options">Settings.</param>
    public static string? WhyItStays(Plan waiting, PlanningInput input, PlanningResult newer, PlanningOptions options)
    {
        if (waiting.Kind != (input.Scores.Reactive is null ? Planner.Predictive : Planner.Reactive))
        {
            return null;
        }

        var search = new PlanSearch(input, options);
        var before = search.Excess;
        var places = search.Layout.Map.Shards.Select((s, i) => (s.Id, i)).ToDictionary(p => p.Id, p => p.i);
        foreach (var transfer in waiting.Transfers)
        {
            if (search.Find(transfer) is not { } found || new TransferSearch(search, input, options).WhyNot(found.Shard, found.To) is not null)
            {
                return null;
            }

            search.Take(found);
        }

        foreach (var move in waiting.Moves)
        {
            if (!places.TryGetValue(move.From, out var from) || !places.TryGetValue(move.To, out var to)
                || search.Layout.OwnerOf(move.Segment.Value) != from || !search.MayMove(move.Segment.Value) || !search.Eligibility.MayGo(move.Segment.Value, to))
            {
                return null;
            }

            search.Take(new PickedMove(move.Segment.Value, from, to));
        }

        var figures = PlanReport.Figures(input, options, search, [input.Now]);
        if (search.Layout.All.Any(l => l.FirstHarm(l.Scores) >= 0) || figures.GainMinutes < options.MinGainMinutes)
        {
            return null;
        }

        // Both in minutes × ratio: how far over the limits counts, not only for how long.
        var saved = before - search.Excess;
        var left = newer.Plan is null ? before : newer.ExcessLeft;
        return search.Excess - left <= options.ReplaceGain * saved
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Plan {waiting.Hash[..4]} still waits and still saves {figures.GainMinutes:0} minutes over the limits; a newer one would save {newer.Figures.GainMinutes:0}, which is not clearly better.")
            : null;
    }
}
