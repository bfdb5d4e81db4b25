using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Patterns;

/// <summary>Sentences of the patterns page.</summary>
internal static class PatternWords
{
    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    /// <summary>Share of what goes together that stays in one shard by the present owners, 0..1; NaN where nothing goes together.</summary>
    public static double StaysTogether(IReadOnlyList<LinkView> links, ShardMap map)
    {
        var known = links.Where(l => l.One.Value < map.SegmentCount && l.Other.Value < map.SegmentCount).ToList();
        var all = known.Sum(l => l.PerSecond);
        return all > 0 ? known.Where(l => map.OwnerOf(l.One) == map.OwnerOf(l.Other)).Sum(l => l.PerSecond) / all : double.NaN;
    }

    /// <summary>The shards of some segments, in order: "s-01" or "s-01, s-03".</summary>
    public static string ShardsOf(IEnumerable<SegmentId> segments, ShardMap map) => string.Join(", ", Shards(segments, map));

    /// <summary>How many shards they lie in.</summary>
    public static int ShardCount(IEnumerable<SegmentId> segments, ShardMap map) => Shards(segments, map).Count();

    /// <summary>What the seasons say, in a sentence.</summary>
    public static string Seasons(SeasonProfile profile)
    {
        if (profile.Peak < 0)
        {
            return "No hour was measured yet.";
        }

        if (double.IsNaN(profile.Daily))
        {
            return $"{Show.Number(profile.Days)} days were measured; a season shows after two.";
        }

        var daily = profile.Daily switch { >= 0.6 => "A strong daily season", >= 0.25 => "A daily season", _ => "No daily season" };
        var weekly = double.IsNaN(profile.Weekly) ? $"; the week shows after 14 days ({Show.Number(profile.Days)} so far)"
            : profile.Weekly >= 0.1 ? $", and a weekly one ({Show.Percent(profile.Weekly)} more)" : ", and no weekly one";
        return $"{daily} ({Show.Percent(profile.Daily)} of the variation){weekly}. Busiest {Place(profile.Peak)}, quietest {Place(profile.Trough)}.";
    }

    /// <summary>"Monday 09:00".</summary>
    public static string Place(int hourOfWeek) => $"{Days[hourOfWeek / 24]} {hourOfWeek % 24:00}:00";

    private static IEnumerable<ShardId> Shards(IEnumerable<SegmentId> segments, ShardMap map) => segments.Where(s => s.Value < map.SegmentCount).Select(map.OwnerOf).Distinct().Order();
}
