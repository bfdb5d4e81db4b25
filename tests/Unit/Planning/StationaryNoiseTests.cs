using ShardConsole.ControlPlane.Planning;

namespace ShardConsole.Unit.Planning;

/// <summary>A day of noise around levels that do not change, a plan every five minutes, each carried out at once.</summary>
public sealed class StationaryNoiseTests
{
    private const int Segments = 32;
    private const int Shards = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_move_is_reversed_in_a_day_of_stationary_noise(int seed)
    {
        var random = new Random(seed);
        var levels = Enumerable.Range(0, Segments).Select(_ => 3 + (random.NextDouble() * 13)).ToArray();

        // Skewed at first, so that there is something to do; together about four fifths of what the thresholds allow.
        var owners = Enumerable.Range(0, Segments).Select(s => s % 3 == 0 ? 1 : (s % Shards) + 1).ToArray();
        var threshold = levels.Sum() / Shards * 1.35;
        var options = new PlanningOptions();
        var past = new List<PastMove>();
        var reversed = 0;
        for (var turn = 0; turn < 288; turn++)
        {
            var now = ClusterCase.Now.AddMinutes(5 * turn);
            var noisy = levels.Select(l => l * (1 + (0.1 * ((2 * random.NextDouble()) - 1)))).ToArray();
            var plan = Planner.Run(Input(noisy, owners, threshold) with { Past = [.. past.Select(p => p with { EndedAt = ClusterCase.Now - (now - p.EndedAt) })] }, options).Plan;
            foreach (var move in plan?.Moves ?? [])
            {
                reversed += past.Count(p => p.Segment == move.Segment && p.From == move.To);
                past.Add(new PastMove(move.Segment, move.From, move.To, now));
                owners[move.Segment.Value] = move.To.Value;
            }
        }

        Assert.NotEmpty(past);
        Assert.Equal(0, reversed);
    }

    private static PlanningInput Input(double[] levels, int[] owners, double threshold)
    {
        var cluster = new ClusterCase { Nodes = Shards, Shards = Shards, CpuMillicores = 0, Threshold = threshold, Spread = 0.1, Correlation = 0.3 };
        for (var s = 0; s < levels.Length; s++)
        {
            cluster.With(owners[s], levels[s]);
        }

        return new PlanningInput(ClusterCase.Now, cluster.Board(), [.. levels.Select(_ => 1_000_000L)]);
    }
}
