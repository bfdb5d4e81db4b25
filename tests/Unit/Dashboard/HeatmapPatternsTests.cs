using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Heatmap;

namespace ShardConsole.Unit.Dashboard;

/// <summary>Each form of load gets its name, and noise gets none.</summary>
public sealed class HeatmapPatternsTests
{
    private const int Segments = 200;
    private static readonly DateTimeOffset Start = new(2026, 11, 16, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Level_load_is_even() => Assert.Equal(["Even 0-199 100 %"], Names((_, _) => 5));

    [Fact]
    public void Load_that_comes_again_each_day_is_periodic() =>
        Assert.Equal(["Periodic 0-199 100 %"], Names((h, _) => 5 + (4 * Math.Sin(h * Math.PI / 12))));

    [Fact]
    public void One_segment_far_above_all_others_is_a_hot_line() =>
        Assert.Equal(["HotLine 61-61 20 %", "Even 0-199 100 %"], Names((_, s) => s == 61 ? 50 : 1));

    [Fact]
    public void A_segment_that_is_hot_for_an_hour_is_no_hot_line() =>
        Assert.DoesNotContain(Names((h, s) => s == 61 && h == 40 ? 50 : 1), n => n.StartsWith("HotLine", StringComparison.Ordinal));

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Load_that_walks_through_the_keyspace_is_sequential_either_way(int way)
    {
        // Ten segments are hot for one hour, the next ten in the next hour.
        var found = Find((h, s) => h is >= 50 and < 60 && s / 10 == (way > 0 ? h - 48 : 62 - h) ? 30 : 1).First(p => p.Kind == HeatmapPatternKind.Sequential);
        Assert.Equal((Start.AddHours(50), Start.AddHours(60)), (found.From, found.To));
        Assert.InRange(found.LastSegment - found.FirstSegment, 80, 100);
    }

    [Fact]
    public void Spots_at_random_places_are_not_sequential()
    {
        var places = new Random(7);
        var hot = Enumerable.Range(0, HeatmapPatterns.Hours).Select(_ => places.Next(20)).ToArray();
        Assert.DoesNotContain(Find((h, s) => s / 10 == hot[h] ? 30 : 1), p => p.Kind == HeatmapPatternKind.Sequential);
    }

    [Fact]
    public void Noise_and_a_short_history_have_no_name()
    {
        var noise = new Random(3);
        Assert.Empty(Find((_, _) => -Math.Log(1 - noise.NextDouble())));
        Assert.Empty(HeatmapPatterns.Find(Matrix(24, (_, _) => 5)));
        Assert.Empty(HeatmapPatterns.Find(Matrix(0, (_, _) => 5)));
    }

    [Fact]
    public void Gaps_are_no_zeros() => Assert.Equal(["Even 0-199 100 %"], Names((h, _) => h % 3 == 0 ? double.NaN : 5));

    private static IEnumerable<string> Names(Func<int, int, double> load) =>
        Find(load).Select(p => $"{p.Kind} {p.FirstSegment}-{p.LastSegment} {Math.Round(p.Share * 100)} %");

    private static IReadOnlyList<HeatmapPattern> Find(Func<int, int, double> load) => HeatmapPatterns.Find(Matrix(HeatmapPatterns.Hours, load));

    private static SegmentMatrix Matrix(int hours, Func<int, int, double> load) => new(
        [.. Enumerable.Range(0, hours).Select(h => Start.AddHours(h))], [.. Enumerable.Range(0, hours).Select(_ => TimeSpan.FromHours(1))],
        [.. Enumerable.Range(0, hours).Select(h => Enumerable.Range(0, Segments).Select(s => (float)load(h, s)).ToArray())]);
}
