using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Simulated.Core;

/// <summary>Comparisons of a simulated fleet's replicas: once an hour each, spread, and on demand. There are no data, so all are equal. Not safe for concurrent use.</summary>
internal sealed class SimulatedChecks
{
    private const long PeriodMs = 3_600_000;
    private const long TakesMs = 1500;
    private const int BucketBytes = 1 << 20;
    private readonly Dictionary<ShardId, Check> checks = [];
    private ulong index = 1;
    private long ended;

    /// <summary>Begins comparisons.</summary>
    /// <param name="shard">One shard; null: all.</param>
    public IReadOnlyList<ShardId> Begin(ShardMap map, ShardId? shard, string by, long unixMs)
    {
        var begun = map.Shards.Select(s => s.Id).Where(s => shard is null || s == shard).ToList();
        foreach (var id in begun)
        {
            checks[id] = checks.GetValueOrDefault(id) is { BeganMs: > 0 } running ? running : new Check(unixMs, by, checks.GetValueOrDefault(id)?.NextMs ?? 0, checks.GetValueOrDefault(id)?.Last);
        }

        return begun;
    }

    /// <summary>Carries them on and answers where they stand.</summary>
    public FleetIntegrity Look(FleetState state, Func<ShardId, (long Keys, long Bytes, int Segments)> sizeOf, long unixMs)
    {
        foreach (var shard in state.Map.Shards)
        {
            var check = checks.GetValueOrDefault(shard.Id) ?? new Check(0, "", unixMs + (long)(PeriodMs * (shard.Id.Value * 0.6180339887498949 % 1)), null);
            if (check.BeganMs == 0 && unixMs >= check.NextMs)
            {
                check = check with { BeganMs = unixMs, By = "period" };
            }

            if (check.BeganMs > 0 && unixMs - check.BeganMs >= TakesMs)
            {
                var (keys, bytes, segments) = sizeOf(shard.Id);
                ended++;
                check = new Check(0, "", unixMs + PeriodMs, new CheckReport(
                    ++index, check.BeganMs, unixMs, check.By, CheckOutcome.Equal, "", shard.Replicas, [], segments, Math.Max(segments, bytes / BucketBytes), keys, 60L * shard.Replicas.Length, 0, 0, []));
            }

            checks[shard.Id] = check;
        }

        return new FleetIntegrity(
            [.. state.Map.Shards.Select(s => (s.Id, Check: checks[s.Id])).Select(s => new ShardComparison(
                s.Id, state.LeaderOf(s.Id), s.Check.BeganMs > 0 ? "Comparing" : "", s.Check.NextMs, s.Check.Last))],
            [], [], ended, 0, 0);
    }

    /// <summary>Of one shard.</summary>
    /// <param name="BeganMs">When the comparison under way began; 0: none is.</param>
    private sealed record Check(long BeganMs, string By, long NextMs, CheckReport? Last);
}
