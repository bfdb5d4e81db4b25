using ShardConsole.ControlPlane.Planning;

namespace ShardConsole.Unit.Planning;

/// <summary>The quick looks of the layout say what the thorough one says, in seeded random clusters.</summary>
public sealed class LayoutTests
{
    private const int Clusters = 20;

    [Fact]
    public void A_sure_gain_is_the_gain_of_the_thorough_look()
    {
        var sure = 0;
        ForEachMove((layout, segment, to) =>
        {
            if (layout.SureGain(segment, to) is { } gain)
            {
                var effect = layout.Try(segment, to);
                Assert.Null(effect.Harmed);
                Assert.Equal(effect.Gain, gain, 1e-6);
                sure += gain > 0 ? 1 : 0;
            }
        });
        Assert.InRange(sure, 200, int.MaxValue);
    }

    [Fact]
    public void A_move_that_surely_harms_harms()
    {
        var (harms, found) = (0, 0);
        ForEachMove((layout, segment, to) =>
        {
            var harmed = layout.Try(segment, to).Harmed is not null;
            Assert.True(harmed || !layout.SurelyHarms(segment, to));
            harms += harmed ? 1 : 0;
            found += layout.SurelyHarms(segment, to) ? 1 : 0;
        });

        // It is there to find most of them.
        Assert.InRange(found, harms * 3 / 4, harms);
        Assert.InRange(harms, 200, int.MaxValue);
    }

    [Fact]
    public void What_a_segment_relieves_by_leaving_follows_the_moves_taken()
    {
        ForEachMove((layout, segment, to) =>
        {
            var other = (segment + 1) % layout.Map.SegmentCount;
            var home = layout.OwnerOf(other);
            _ = layout.SureGain(segment, to);
            layout.Apply(other, to);
            if (layout.OwnerOf(segment) != to && layout.SureGain(segment, to) is { } gain)
            {
                Assert.Equal(layout.Try(segment, to).Gain, gain, 1e-6);
            }

            layout.Apply(other, home);
        });
    }

    [Fact]
    public void Two_moves_looked_at_together_do_what_taking_both_does()
    {
        var (allowed, refused) = (0, 0);
        ForEachMove((layout, first, to) =>
        {
            var from = layout.OwnerOf(first);
            foreach (var second in layout.SegmentsOf(to).Take(2).ToArray())
            {
                foreach (var place in new[] { from, (to + 1) % layout.Shards.Length }.Where(p => p != to).Distinct())
                {
                    var gain = layout.TryPair(first, to, second, place);
                    var before = layout.Excess;
                    layout.Apply(first, to);
                    layout.Apply(second, place);
                    var harmless = layout.IsHarmless(from) && layout.IsHarmless(to) && layout.IsHarmless(place);
                    Assert.Equal(harmless, gain is not null);
                    if (gain is { } removed)
                    {
                        Assert.Equal(before - layout.Excess, removed, 1e-6);
                    }

                    (allowed, refused) = harmless ? (allowed + 1, refused) : (allowed, refused + 1);
                    layout.Apply(second, to);
                    layout.Apply(first, from);
                }
            }
        });
        Assert.InRange(allowed, 200, int.MaxValue);
        Assert.InRange(refused, 200, int.MaxValue);
    }

    [Fact]
    public void Open_targets_are_those_that_are_not_hopeless()
    {
        for (var seed = 1; seed <= Clusters; seed++)
        {
            var layout = Draw(seed);
            for (var from = 0; from < layout.Shards.Length; from++)
            {
                Assert.Equal(Enumerable.Range(0, layout.Shards.Length).Where(to => !layout.IsHopeless(from, to)), layout.OpenTargets(from).Order());
            }
        }
    }

    [Fact]
    public void A_copy_is_changed_by_itself()
    {
        var layout = Draw(1);
        var copy = layout.Copy();
        var (segment, excess) = (layout.SegmentsOf(0)[0], layout.Excess);
        double[] scores = [.. layout.Shards[1].Scores];

        copy.Apply(segment, 1);

        Assert.Equal((0, 1), (layout.OwnerOf(segment), copy.OwnerOf(segment)));
        Assert.Equal(excess, layout.Excess);
        Assert.Equal(scores, layout.Shards[1].Scores.ToArray());
        Assert.NotEqual(scores, copy.Shards[1].Scores.ToArray());
        copy.Apply(segment, 0);
        Assert.Equal(excess, copy.Excess, 1e-6);
    }

    private static Layout Draw(int seed) => new(RandomPlanTests.Draw(new Random(seed)), new PlanningOptions());

    private static void ForEachMove(Action<Layout, int, int> look)
    {
        for (var seed = 1; seed <= Clusters; seed++)
        {
            var layout = Draw(seed);
            for (var segment = 0; segment < layout.Map.SegmentCount; segment++)
            {
                for (var to = 0; to < layout.Shards.Length; to++)
                {
                    if (to != layout.OwnerOf(segment))
                    {
                        look(layout, segment, to);
                    }
                }
            }
        }
    }
}
