namespace ShardConsole.ControlPlane.Demo;

/// <summary>
/// The load of a demonstration as a function of segment and model time: a day and a week of seasons over all segments, and a hot band that
/// wanders through the keyspace every day and grows from day to day, so that today it is the first time too much for some shards. Each day
/// it first peaks five hours after the time of day at which the demonstration began. Deterministic.
/// </summary>
/// <param name="segments">Segments of the cluster.</param>
/// <param name="origin">When the demonstration began, model time.</param>
/// <param name="baseOps">Requests a second over all segments, on average.</param>
/// <param name="bandOps">Requests a second of the band at its highest today.</param>
/// <param name="seed">Of popularity and noise.</param>
/// <param name="heat">How much of the band each segment draws, by part of the day: [0] before noon, [1] after it; null: all the same.</param>
internal sealed class DemoProfile(int segments, DateTimeOffset origin, double baseOps, double bandOps, int seed, double[][]? heat = null)
{
    /// <summary>First peak, as a part of the day.</summary>
    private const double MorningPeak = 5.0 / 24;
    private const double MorningWidth = 0.06;
    private const double EveningPeak = 0.7;
    private const double EveningWidth = 0.08;
    private const double EveningHeight = 0.7;

    /// <summary>By how much the band grows a day.</summary>
    private const double DailyGrowth = 0.04;
    private const double WeekendFactor = 0.8;

    /// <summary>Half-width of the band, as a part of the keyspace.</summary>
    private const double BandWidth = 0.05;
    private const double Noise = 0.08;

    private readonly double[] popularity = Popularity(segments, seed);

    /// <summary>Requests a second of each segment at a moment.</summary>
    public double[] Rates(DateTimeOffset at)
    {
        var days = (at - origin).TotalDays;
        var phase = days - Math.Floor(days);
        var week = at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? WeekendFactor : 1;
        var season = week * (1 + (0.35 * Math.Sin(2 * Math.PI * (phase + 0.05))));
        var band = bandOps * week * Envelope(phase) * Math.Pow(1 + DailyGrowth, Math.Floor(days));
        var centre = segments * (0.15 + (0.7 * phase));
        var rates = new double[segments];
        var drawn = heat?[phase < 0.5 ? 0 : 1];
        double bandWeight = 0;
        for (var i = 0; i < segments; i++)
        {
            bandWeight += InBand(i, centre) * (drawn?[i] ?? 1);
        }

        for (var i = 0; i < segments; i++)
        {
            rates[i] = (baseOps * season * popularity[i]) + (bandWeight > 0 ? band * InBand(i, centre) * (drawn?[i] ?? 1) / bandWeight : 0);
        }

        return rates;
    }

    /// <summary>The noise of a measured rate, a factor around 1; the same for the same segment and tick.</summary>
    public double NoiseOf(int segment, long tick) => 1 + (Noise * ((Unit(segment, tick) + Unit(segment + 7919, tick) + Unit(104_729, tick)) - 1.5));

    private static double Envelope(double phase) =>
        Math.Exp(-Square((phase - MorningPeak) / MorningWidth)) + (EveningHeight * Math.Exp(-Square((phase - EveningPeak) / EveningWidth)));

    private double InBand(int segment, double centre) =>
        Math.Exp(-Square((segment - centre) / (segments * BandWidth))) * (0.4 + (1.2 * Unit(segment, -1)));

    private static double Square(double x) => x * x;

    private static double[] Popularity(int segments, int seed)
    {
        var weights = new double[segments];
        for (var i = 0; i < segments; i++)
        {
            weights[i] = Math.Exp(1.2 * (Hash(i, -2, seed) - 0.5));
        }

        var sum = weights.Sum();
        return Array.ConvertAll(weights, w => w / sum);
    }

    private double Unit(int a, long b) => Hash(a, b, seed);

    /// <summary>0..1, by the finaliser of SplitMix64.</summary>
    private static double Hash(int a, long b, int seed)
    {
        var x = ((ulong)(uint)a << 32) ^ (ulong)b ^ ((ulong)(uint)seed * 0x9E3779B97F4A7C15UL);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return ((x ^ (x >> 31)) >> 11) / (double)(1UL << 53);
    }
}
