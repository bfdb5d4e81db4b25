using ShardConsole.Shared.Cluster;

namespace ShardConsole.Components.Fakes;

/// <summary>A made-up load of 1024 segments: a day's rhythm, some hot lines, and a flash sale on shard 7 at 09:20 of the day shown. Pure.</summary>
internal sealed class FakeLoad(DateTimeOffset now, IReadOnlyList<ShardId> owners)
{
    private static readonly TimeSpan Berlin = TimeSpan.FromHours(1);

    /// <summary>The moment at which the sale is at its height.</summary>
    public DateTimeOffset SaleAt { get; } = new(now.UtcDateTime.Date.AddHours(8).AddMinutes(20), TimeSpan.Zero);

    /// <summary>CPU of a segment, mcore.</summary>
    public double Cpu(int segment, DateTimeOffset at)
    {
        var hash = Hash(segment);
        var level = Math.Exp((hash - 0.5) * 2.6) * 9;
        if (Hash(segment + 5000) > 0.985)
        {
            level = 70 + (40 * hash);
        }

        var hour = (at + Berlin).TimeOfDay.TotalHours;
        var day = 0.34 + (0.66 * Math.Pow(Math.Sin(Math.PI * Math.Clamp((hour - 4.5) / 21.5, 0, 1)), 0.8));
        if (segment / 32 % 11 == 4)
        {
            day = hour is > 7.5 and < 19 ? 1.2 : 0.15;
        }

        if (segment / 16 % 13 == 6)
        {
            day *= (int)(at.ToUnixTimeSeconds() / 3600) % 3 == 0 ? 2.4 : 0.3;
        }

        var noise = 1 + (0.18 * (Hash(segment ^ (int)(at.ToUnixTimeSeconds() / 300 * 7919)) - 0.5));
        var sale = owners[segment].Value == 7 ? 46 * (0.4 + hash) * Math.Exp(-Math.Pow((at - SaleAt).TotalMinutes / 42, 2)) : 0;
        return ((level * day) + sale) * noise;
    }

    private static double Hash(int value)
    {
        var x = (uint)value * 2654435761u;
        x ^= x >> 15;
        x *= 2246822519u;
        x ^= x >> 13;
        return x / (double)uint.MaxValue;
    }
}
