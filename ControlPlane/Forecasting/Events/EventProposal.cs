namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>A recurring spike that the operator may take into the calendar.</summary>
/// <param name="Rule">When it seems to come.</param>
/// <param name="Length">How long it lasts.</param>
/// <param name="Factor">What its occurrences together say of its factor.</param>
/// <param name="Seen">Occurrences seen.</param>
/// <param name="Due">Occurrences that the rule would have had since the first one seen.</param>
internal sealed record EventProposal(EventRule Rule, TimeSpan Length, double Factor, int Seen, int Due);

/// <summary>Finds the rules that spikes follow.</summary>
internal static class RecurrenceFinder
{
    /// <summary>Occurrences from which on a rule is proposed.</summary>
    public const int LeastSeen = 3;

    /// <summary>Share of its occurrences that a rule may miss.</summary>
    private const double MostMissed = 0.2;

    /// <summary>How much of the time may be spikes: where there are many, some fall on a rule by chance.</summary>
    private const double MostSpiky = 0.02;

    /// <summary>How many times as large as the smallest the largest of its occurrences may be: what one event does is alike.</summary>
    private const double MostUnlike = 3;

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(12);

    /// <summary>Proposals, those with the most occurrences first; a spike belongs to one of them at most.</summary>
    /// <param name="spikes">As <see cref="SpikeFinder"/> finds them.</param>
    /// <param name="count">Steps that were looked at.</param>
    /// <param name="first">When the first of them began.</param>
    /// <param name="zone">The operator's zone.</param>
    public static List<EventProposal> Find(IReadOnlyList<Spike> spikes, int count, DateTimeOffset first, TimeSpan step, TimeZoneInfo zone)
    {
        var proposals = new List<EventProposal>();
        if (spikes.Count < LeastSeen || spikes.Sum(s => s.Steps) > MostSpiky * count)
        {
            return proposals;
        }

        var free = spikes.ToList();
        foreach (var repeat in new[] { EventRepeat.Daily, EventRepeat.Weekly, EventRepeat.Monthly })
        {
            for (var k = 0; k < free.Count; k++)
            {
                if (Try(free, k, repeat, first + (step * count), first, step, zone, out var matched) is { } proposal)
                {
                    proposals.Add(proposal);
                    free.RemoveAll(matched.Contains);
                    k = -1;
                }
            }
        }

        return [.. proposals.OrderByDescending(p => p.Seen).ThenBy(p => p.Rule.ToString(), StringComparer.Ordinal)];
    }

    // The rule that begins with one spike: how many of its occurrences since then are spikes too.
    private static EventProposal? Try(
        List<Spike> spikes, int k, EventRepeat repeat, DateTimeOffset end, DateTimeOffset first, TimeSpan step, TimeZoneInfo zone, out HashSet<Spike> matched)
    {
        matched = [];
        var began = first + (step * spikes[k].From);
        var local = TimeZoneInfo.ConvertTime(began, zone);
        var rule = new EventRule(repeat, DateOnly.FromDateTime(local.DateTime), local.DayOfWeek, local.Day, new TimeOnly(local.Hour, local.Minute));
        var due = 0;
        foreach (var at in rule.Beginnings(began - Tolerance, end, zone))
        {
            var hit = spikes.FindIndex(s => !((first + (step * s.From)) - at > Tolerance) && !(at - (first + (step * s.From)) > Tolerance));
            due++;
            if (hit >= 0)
            {
                matched.Add(spikes[hit]);
            }
        }

        if (matched.Count < LeastSeen || matched.Count < (1 - MostMissed) * due || matched.Max(s => s.Factor) > MostUnlike * matched.Min(s => s.Factor))
        {
            return null;
        }

        var lengths = matched.Select(s => s.Steps).Order().ToList();
        var factor = FactorLearning.InForce(null, matched.OrderBy(s => s.From).Select(s => s.Factor));
        return factor is { } known ? new EventProposal(rule, step * lengths[lengths.Count / 2], known, matched.Count, due) : null;
    }
}
