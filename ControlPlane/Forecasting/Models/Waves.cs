using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>Fourier terms of day and week by the number of a step, from tables. One instance per thread; it follows the cadence that it is asked for.</summary>
/// <param name="daily">Harmonics of the day at most.</param>
/// <param name="weekly">Harmonics of the week.</param>
internal sealed class Waves(int daily, int weekly)
{
    /// <summary>Steps of a day up to which the terms of a whole week are kept, two megabytes at most.</summary>
    private const int LargestDay = 1440;

    private int day;
    private float[] sines = [];
    private float[] rows = [];

    /// <summary>Terms that are filled: a sine and a cosine per harmonic.</summary>
    public int Count => 2 * (daily + weekly);

    /// <summary>Order of the harmonic that a term belongs to, from 1, for penalties that grow with it.</summary>
    public int Order(int term) => term / 2 < daily ? (term / 2) + 1 : (term / 2) - daily + 1;

    /// <summary>Fills the terms of step <paramref name="number"/>. Harmonics that a coarse day cannot show are 0.</summary>
    public void Fill(Cadence cadence, long number, Span<float> into)
    {
        if (day != cadence.Day)
        {
            Prepare(cadence.Day);
        }

        var at = (int)(number % (7 * day));
        if (rows.Length > 0)
        {
            rows.AsSpan(at * Count, Count).CopyTo(into);
        }
        else
        {
            Compute(at, into);
        }
    }

    private void Prepare(int d)
    {
        day = d;
        sines = [.. Enumerable.Range(0, 7 * d).Select(k => (float)Math.Sin(2 * Math.PI * k / (7 * d)))];
        rows = d > LargestDay ? [] : new float[7 * d * Count];
        for (var at = 0; at * Count < rows.Length; at++)
        {
            Compute(at, rows.AsSpan(at * Count, Count));
        }
    }

    private void Compute(int at, Span<float> into)
    {
        var week = 7 * day;
        var quarter = week / 4;
        for (var k = 0; k < daily + weekly; k++)
        {
            var turns = k < daily ? 7 * (k + 1) : k - daily + 1;
            var visible = k >= daily || 2 * (k + 1) < day;
            var phase = turns * at % week;
            into[2 * k] = visible ? sines[phase] : 0;

            // A week is not always a multiple of four steps: the cosine is taken from its own phase then.
            into[(2 * k) + 1] = !visible ? 0 : week % 4 == 0 ? sines[(phase + quarter) % week] : (float)Math.Cos(2 * Math.PI * phase / week);
        }
    }
}
