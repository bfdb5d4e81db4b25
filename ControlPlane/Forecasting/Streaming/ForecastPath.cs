namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>The forecast of one series, step by step. Reused.</summary>
internal sealed class ForecastPath(int horizon)
{
    /// <summary>Index of the median in <see cref="Levels"/>.</summary>
    public const int Median = 3;

    /// <summary>The quantiles that are forecast.</summary>
    public static readonly double[] Levels = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

    private readonly double[] quantiles = new double[horizon * Levels.Length];

    /// <summary>Number of steps.</summary>
    public int Horizon => horizon;

    /// <summary>Forecast with the least absolute error per step, index 0 is one step ahead; never below 0.</summary>
    public double[] Point { get; } = new double[horizon];

    /// <summary>Expected value per step: what adds up over series, where most steps are 0 and a few are not; never below 0.</summary>
    public double[] Mean { get; } = new double[horizon];

    /// <summary>Standard deviation of the error per step.</summary>
    public double[] Sd { get; } = new double[horizon];

    /// <summary>Per grid horizon: the expert that weighs most.</summary>
    public int[] Best { get; } = new int[64];

    /// <summary>Quantile <paramref name="q"/> (index in <see cref="Levels"/>) of a step, 1-based; never below 0, ascending in q.</summary>
    public double Quantile(int step, int q) => quantiles[((step - 1) * Levels.Length) + q];

    /// <summary>Multiplies all that is forecast for a step, 1-based: an event.</summary>
    public void Multiply(int step, double factor)
    {
        Point[step - 1] *= factor;
        Mean[step - 1] *= factor;
        Sd[step - 1] *= factor;
        for (var q = 0; q < Levels.Length; q++)
        {
            quantiles[((step - 1) * Levels.Length) + q] *= factor;
        }
    }

    /// <summary>Sets a quantile.</summary>
    public void Set(int step, int q, double value) => quantiles[((step - 1) * Levels.Length) + q] = value;
}
