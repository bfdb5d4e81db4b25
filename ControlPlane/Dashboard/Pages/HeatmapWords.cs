using Microsoft.AspNetCore.Components;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Heatmap;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>What the heatmap page says in words: answer line, chips, table.</summary>
public sealed partial class HeatmapPage
{
    private const int TableRows = 50;

    private RenderFragment Answer => builder =>
    {
        var now = Queries.Summary().Now;
        if (View.Mode == HeatmapMode.AfterPlan && effects.Count > 0)
        {
            var busiest = effects.MaxBy(e => e.After)!;
            builder.AddContent(0, "After plan ");
            builder.AddContent(1, PlanLink(View.Plan!));
            builder.AddContent(5, " the busiest node is ");
            builder.AddContent(6, Strong($"{busiest.Name} with {Show.Percent(busiest.After)}"));
            builder.AddContent(9, $", not {Show.Percent(effects.Max(e => e.Before))}. Its segments are outlined where they go.");
            return;
        }

        if (Shards.Where(s => s.CrossesAt is not null).OrderByDescending(s => s.Peak / s.Threshold).FirstOrDefault() is { } hot)
        {
            builder.AddContent(20, "Hottest ahead: ");
            builder.AddContent(21, Strong($"{hot.Id} on {NameOf(hot.Leader)} at {Zone.When(hot.PeakAt, now)}"));
            builder.AddContent(24, $", {Show.Percent(hot.Peak / hot.Threshold)} of its threshold{(hot.Now > 0 ? $", {Show.Number(hot.Peak / hot.Now)} times the load of now" : "")}. ");
            if (planId is not null)
            {
                builder.AddContent(25, "Plan ");
                builder.AddContent(26, PlanLink(planId));
                builder.AddContent(30, " waits.");
            }

            return;
        }

        var top = Shards.Where(s => double.IsFinite(s.Peak)).MaxBy(s => s.Peak / s.Threshold);
        builder.AddContent(40, top is null
            ? "No forecast yet: it needs a few minutes of load, or an imported query log."
            : $"No hot spot ahead. The highest is {top.Id} on {NameOf(top.Leader)} with {Show.Percent(top.Peak / top.Threshold)} of its threshold at {Zone.When(top.PeakAt, now)}.");
    };

    private IEnumerable<(string Title, string Text, string Tone, string Link)> Chips
    {
        get
        {
            var any = false;
            foreach (var shard in Shards.Where(s => s.CrossesAt is not null).OrderBy(s => s.CrossesAt).Take(3))
            {
                any = true;
                yield return ("Predicted hot spot", $"{shard.Id}, {Zone.When(shard.PeakAt, Queries.Summary().Now)}, {Show.Percent(shard.Peak / shard.Threshold)}", "warn", Urls.HeatmapOf(shard.Id));
            }

            if (!any && Shards.Count > 0)
            {
                yield return ("No hot spot", "every shard stays under its threshold", "ok", Urls.Fleet);
            }

            foreach (var chip in patterns.Select(PatternChip))
            {
                yield return chip;
            }

            if (View.Shard > 0)
            {
                yield return ("Only shard", new ShardId((ushort)View.Shard).ToString(), "accent", Urls.Heatmap + ResetView().ToQuery());
            }
        }
    }

    private (string Title, string Text, string Tone, string Link) PatternChip(HeatmapPattern p)
    {
        var share = $"{Show.Percent(p.Share)} of the load";
        var part = View with { From = p.From, To = p.To, FirstSegment = p.FirstSegment, LastSegment = p.LastSegment };
        return p.Kind switch
        {
            HeatmapPatternKind.HotLine => ("Hot line", $"segment {p.FirstSegment}, {share}", "accent", SegmentUrl(p.FirstSegment)),
            HeatmapPatternKind.Sequential => ("Sequential", $"segments {p.FirstSegment}–{p.LastSegment}, {Zone.When(p.From, Queries.Summary().Now)}–{Zone.Clock(p.To)}", "plain", Urls.Heatmap + part.ToQuery()),
            HeatmapPatternKind.Periodic => ("Periodic, daily", share, "plain", Urls.Heatmap + (View with { Range = TimeSpan.FromDays(7), From = null, To = null }).ToQuery()),
            _ => ("Even", share, "plain", Urls.Heatmap + (View with { Range = TimeSpan.FromDays(7), From = null, To = null }).ToQuery()),
        };
    }

    private IReadOnlyList<HotRow> HotRows
    {
        get
        {
            if (Forecasts.Latest(View.Metric) is not { Starts.Count: > 0 } frame)
            {
                return [];
            }

            var (map, now) = (Queries.Map(), Queries.Summary().Now);
            var rows = new List<HotRow>(map.SegmentCount);
            for (var s = 0; s < map.SegmentCount; s++)
            {
                var shard = map.Owners[s];
                if (View.Node is not null && NameOf(LeaderOf(shard)) != View.Node)
                {
                    continue;
                }

                var peak = 0;
                for (var k = 1; k < frame.Q50.Count; k++)
                {
                    peak = frame.Q50[k][s] > frame.Q50[peak][s] ? k : peak;
                }

                rows.Add(new HotRow(s, shard.ToString(), NameOf(LeaderOf(shard)), At(frame, s, now.AddMinutes(5)), At(frame, s, now.AddHours(1)), At(frame, s, now.AddHours(6)), frame.Q50[peak][s], frame.Starts[peak]));
            }

            return [.. rows.OrderByDescending(r => r.Peak).ThenBy(r => r.Segment).Take(TableRows)];
        }
    }

    private static double At(ForecastFrame frame, int segment, DateTimeOffset at)
    {
        for (var k = 0; k < frame.Starts.Count; k++)
        {
            if (at < frame.Starts[k] + frame.Spans[k])
            {
                return frame.Q50[k][segment];
            }
        }

        return double.NaN;
    }

    private static RenderFragment Strong(string text) => builder =>
    {
        builder.OpenElement(0, "b");
        builder.AddContent(1, text);
        builder.CloseElement();
    };

    private static RenderFragment PlanLink(string id) => builder =>
    {
        builder.OpenElement(0, "a");
        builder.AddAttribute(1, "href", Urls.Plan(Labels.ShortId(id)));
        builder.AddContent(2, Labels.ShortId(id));
        builder.CloseElement();
    };

    private sealed record HotRow(int Segment, string Shard, string Leader, double Soon, double InOneHour, double InSixHours, double Peak, DateTimeOffset At);
}
