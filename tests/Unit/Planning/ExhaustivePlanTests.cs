using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.Unit.Planning;

/// <summary>500 small random clusters (2 to 4 shards, up to 12 segments) against a search through every placement that shares no code with the planner.</summary>
public sealed class ExhaustivePlanTests
{
    private const int Cases = 500;
    private const double Hysteresis = 0.05;

    [Fact]
    public void Five_hundred_small_plans_are_within_two_percent_of_the_best() =>
        Assert.Empty(Worse(new PlanningOptions { MinGainMinutes = 0 }).Select(w => $"seed {w.Seed}: {w.Left:0.###} left, {w.Best:0.###} possible"));

    [Fact]
    public void Without_its_complete_search_the_planner_still_finds_nearly_all_of_them() =>
        Assert.InRange(Worse(new PlanningOptions { MinGainMinutes = 0, ExactAssignments = 0 }).Count, 0, Cases / 15);

    [Fact]
    public void The_lower_bound_is_never_above_the_best()
    {
        for (var seed = 1; seed <= Cases / 5; seed++)
        {
            var input = Draw(seed);
            var bound = Planner.Run(input, new PlanningOptions { MinGainMinutes = 0 }).ExcessBound;
            Assert.True(bound <= BestExcess(input) + 1e-3, $"seed {seed}");
        }
    }

    private static List<(int Seed, double Left, double Best)> Worse(PlanningOptions options)
    {
        var found = new List<(int Seed, double Left, double Best)>();
        for (var seed = 1; seed <= Cases; seed++)
        {
            var input = Draw(seed);
            var result = Planner.Run(input, options);
            Assert.Equal([], PlanVerifier.Violations(input, result, options));
            var owners = input.Scores.Map.Owners.Select(o => o.Value - 1).ToArray();
            foreach (var move in result.Plan?.Moves ?? [])
            {
                owners[move.Segment.Value] = move.To.Value - 1;
            }

            var (left, best) = (Excess(input, owners, out _), BestExcess(input));
            if (left > (1.02 * best) + 1e-3)
            {
                found.Add((seed, left, best));
            }
        }

        return found;
    }

    // One replica and nodes without a limit: the shards are all that is judged, and they are judged here by plain sums.
    private static PlanningInput Draw(int seed)
    {
        var random = new Random(seed);
        var (shards, segments) = random.Next(6) switch
        {
            0 => (2, 12),
            1 => (2, random.Next(4, 12)),
            2 or 3 => (3, random.Next(4, 9)),
            _ => (4, random.Next(4, 7)),
        };
        var phase = random.Next(35);
        var cluster = new ClusterCase
        {
            Nodes = shards,
            Shards = shards,
            CpuMillicores = 0,
            Shape = k => 0.8 + (0.4 * Math.Sin((k + phase) / 6.0)),
            Bytes = [.. Enumerable.Range(0, segments).Select(_ => (long)random.Next(1, 50_000_000))],
        };
        for (var s = 0; s < segments; s++)
        {
            cluster.With(random.Next(1, random.Next(2, shards + 1) + 1), 2 + (random.NextDouble() * 55));
        }

        return cluster.Plan();
    }

    private static double BestExcess(PlanningInput input)
    {
        var (segments, shards) = (input.Scores.Map.SegmentCount, input.Scores.Map.Shards.Length);
        var owners = new int[segments];
        var best = double.MaxValue;
        var count = (int)Math.Pow(shards, segments);
        for (var number = 0; number < count; number++)
        {
            var rest = number;
            for (var s = 0; s < segments; s++)
            {
                (rest, owners[s]) = (rest / shards, rest % shards);
            }

            var excess = Excess(input, owners, out var allowed);
            best = allowed ? Math.Min(best, excess) : best;
        }

        return best;
    }

    // All segments follow one shape, so a shard is over its limit by its load alone; steps differ only by a factor.
    private static double Excess(PlanningInput input, int[] owners, out bool allowed)
    {
        var field = input.Scores.Field;
        var limit = input.Scores.ThresholdMillicores;
        var relief = (1 - Hysteresis) * limit;
        var shards = input.Scores.Map.Shards.Length;
        Span<double> load = stackalloc double[shards];
        Span<double> before = stackalloc double[shards];
        for (var s = 0; s < owners.Length; s++)
        {
            load[owners[s]] += field.Means(LoadRole.Lead, s)[0];
            before[input.Scores.Map.Owners[s].Value - 1] += field.Means(LoadRole.Lead, s)[0];
        }

        double excess = 0;
        allowed = true;
        for (var i = 0; i < shards; i++)
        {
            var triggered = false;
            double over = 0;
            for (var k = 0; k < field.StepCount; k++)
            {
                var factor = field.Means(LoadRole.Lead, 0)[k] / field.Means(LoadRole.Lead, 0)[0];
                triggered |= before[i] * factor > limit;
                over += field.Spans[k].TotalMinutes * Math.Max(0, (load[i] * factor / relief) - 1);
                allowed &= load[i] * factor <= relief + 1e-6 || load[i] <= before[i] + 1e-6;
            }

            excess += triggered ? over : 0;
        }

        return excess;
    }
}
