namespace ShardConsole.ControlPlane.Forecasting.Quality;

/// <summary>A moment that was forecast and has come. Arrays are by segment; NaN = unknown.</summary>
/// <param name="Yesterday">What came a day before: the yardstick's forecast.</param>
internal sealed record ComparedColumn(float[] Mean, float[] Q10, float[] Q90, float[] Actual, float[] Yesterday);

/// <summary>How good forecasts of one lead were.</summary>
/// <param name="Compared">Values compared.</param>
/// <param name="Mase">Mean absolute error over that of repeating yesterday, on the same moments; NaN where nothing can be compared or the yardstick never erred.</param>
/// <param name="Pinball90">Pinball loss of the 90 % quantile over the yardstick's mean absolute error.</param>
/// <param name="Coverage">Share of what came between q10 and q90; 0.8 is promised.</param>
internal readonly record struct QualityScores(int Compared, double Mase, double Pinball90, double Coverage)
{
    /// <summary>1 − MASE: above 0 better than repeating yesterday.</summary>
    public double Skill => 1 - Mase;

    /// <summary>Scores of each segment, and of the fleet as the sums over all segments.</summary>
    /// <param name="segments">Number of segments.</param>
    public static (QualityScores Fleet, QualityScores[] Segments) Of(IEnumerable<ComparedColumn> columns, int segments)
    {
        var tallies = new Tally[segments];
        foreach (var column in columns)
        {
            for (var s = 0; s < segments && s < column.Mean.Length && s < column.Actual.Length && s < column.Yesterday.Length; s++)
            {
                tallies[s].Add(column.Mean[s], column.Q10[s], column.Q90[s], column.Actual[s], column.Yesterday[s]);
            }
        }

        var fleet = default(Tally);
        foreach (var tally in tallies)
        {
            fleet.Add(tally);
        }

        return (fleet.Scores, [.. tallies.Select(t => t.Scores)]);
    }

    private struct Tally
    {
        private int count;
        private int inside;
        private double error;
        private double yardstick;
        private double pinball;

        public readonly QualityScores Scores => new(
            count, yardstick > 0 ? error / yardstick : double.NaN, yardstick > 0 ? pinball / yardstick : double.NaN, count > 0 ? (double)inside / count : double.NaN);

        public void Add(double mean, double low, double high, double actual, double yesterday)
        {
            if (double.IsNaN(mean) || double.IsNaN(actual) || double.IsNaN(yesterday))
            {
                return;
            }

            count++;
            error += Math.Abs(actual - mean);
            yardstick += Math.Abs(actual - yesterday);
            pinball += actual >= high ? 0.9 * (actual - high) : 0.1 * (high - actual);
            inside += actual >= low && actual <= high ? 1 : 0;
        }

        public void Add(Tally other)
        {
            count += other.count;
            inside += other.inside;
            error += other.error;
            yardstick += other.yardstick;
            pinball += other.pinball;
        }
    }
}
