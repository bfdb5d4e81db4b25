namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>A run of measured columns of equal length, [From, To).</summary>
internal readonly record struct HeatmapTier(DateTimeOffset From, DateTimeOffset To, TimeSpan Step)
{
    /// <summary>Number of columns.</summary>
    public int Columns => (int)((To - From) / Step);
}

/// <summary>Cuts the past of a view into tiers: finest next to now, so that a month and the last hour fit one picture.</summary>
internal static class HeatmapTiers
{
    /// <summary>Most columns of one view, past and forecast together.</summary>
    public const int MaxColumns = 900;

    /// <summary>Most measured columns of a zoomed view: two pixels each on a usual screen.</summary>
    private const int ZoomedColumns = 480;

    // Per range, oldest first: how far back the tier reaches and its step, in minutes.
    private static readonly Dictionary<TimeSpan, (int Back, int Step)[]> Plans = new()
    {
        [TimeSpan.FromHours(6)] = [(360, 1)],
        [TimeSpan.FromHours(24)] = [(1440, 5), (120, 1)],
        [TimeSpan.FromHours(48)] = [(2880, 20), (720, 5), (60, 1)],
        [TimeSpan.FromDays(7)] = [(10080, 60), (2880, 20), (360, 5)],
        [TimeSpan.FromDays(28)] = [(40320, 240), (10080, 60), (720, 20)],
    };

    private static readonly TimeSpan[] Steps =
        [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20), TimeSpan.FromHours(1), TimeSpan.FromHours(4)];

    /// <summary>The tiers of the past of <paramref name="view"/>, oldest first, without gap or overlap. The running minute is left out.</summary>
    public static IReadOnlyList<HeatmapTier> Of(HeatmapView view, DateTimeOffset now) =>
        view.From is { } from && view.To is { } to ? Zoomed(from, to, now) : Whole(Plans[view.Range], now);

    private static List<HeatmapTier> Whole((int Back, int Step)[] plan, DateTimeOffset now)
    {
        var tiers = new List<HeatmapTier>(plan.Length);
        for (var i = 0; i < plan.Length; i++)
        {
            // A tier begins on a multiple of its own step that is also one of the tier before, and ends where the next begins.
            var step = TimeSpan.FromMinutes(plan[i].Step);
            var start = Floor(now - TimeSpan.FromMinutes(plan[i].Back), TimeSpan.FromMinutes(plan[Math.Max(0, i - 1)].Step));
            var end = i + 1 < plan.Length ? Floor(now - TimeSpan.FromMinutes(plan[i + 1].Back), step) : Floor(now, step);
            if (start < end)
            {
                tiers.Add(new HeatmapTier(start, end, step));
            }
        }

        return tiers;
    }

    private static List<HeatmapTier> Zoomed(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now)
    {
        var end = to < now ? to : now;
        if (end <= from)
        {
            return [];
        }

        var step = Steps.FirstOrDefault(s => (end - from) / s <= ZoomedColumns, Steps[^1]);
        var first = Floor(from, step);
        var last = end == to ? Floor(to - TimeSpan.FromTicks(1), step) + step : Floor(end, step);
        last = last > now ? Floor(now, step) : last;
        return first < last ? [new HeatmapTier(first, last, step)] : [];
    }

    private static DateTimeOffset Floor(DateTimeOffset at, TimeSpan step) => new(at.UtcTicks - (at.UtcTicks % step.Ticks), TimeSpan.Zero);
}
