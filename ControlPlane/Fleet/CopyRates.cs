using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Moving mean and deviation of the copy rate of each running migration. Safe for concurrent use.</summary>
internal sealed class CopyRates
{
    private const double Weight = 0.2;

    private readonly Lock gate = new();
    private readonly Dictionary<ulong, (double Mean, double Deviation)> rates = [];

    /// <summary>Takes the present rates; called once a second. Ended migrations are forgotten.</summary>
    public void Observe(IReadOnlyList<MigrationStatus> migrations)
    {
        lock (gate)
        {
            var running = migrations.Where(m => !m.Phase.IsEnded()).ToDictionary(m => m.Id, m => m.BytesPerSecond);
            foreach (var ended in rates.Keys.Where(id => !running.ContainsKey(id)).ToList())
            {
                rates.Remove(ended);
            }

            foreach (var (id, rate) in running)
            {
                rates[id] = rates.TryGetValue(id, out var old)
                    ? (old.Mean + (Weight * (rate - old.Mean)), old.Deviation + (Weight * (Math.Abs(rate - old.Mean) - old.Deviation)))
                    : (rate, 0);
            }
        }
    }

    /// <summary>Seconds until so many bytes are copied at the mean rate, and by how much that may be off; NaN while nothing is copied.</summary>
    public (double Seconds, double Spread) Eta(ulong migration, long bytesLeft)
    {
        lock (gate)
        {
            return rates.TryGetValue(migration, out var rate) && rate.Mean > 0
                ? (bytesLeft / rate.Mean, bytesLeft / rate.Mean * Math.Min(1, rate.Deviation / rate.Mean))
                : (double.NaN, double.NaN);
        }
    }
}
