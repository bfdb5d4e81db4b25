using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Lists all segments from the map, the live load and the newest scores.</summary>
internal sealed class SegmentList(IFleet fleet, LoadIntake intake, ScoreKeeper scores) : ISegmentList
{
    /// <inheritdoc/>
    public IReadOnlyList<SegmentRow> Segments()
    {
        var state = fleet.State;
        var live = intake.Live;
        var board = scores.Newest is { } newest && newest.Segments.Count == state.Map.SegmentCount ? newest : null;
        var leaders = state.Map.Shards.ToDictionary(s => s.Id, s => state.LeaderOf(s.Id));
        float[]? cpu = live?.Now(LoadMetric.Cpu), reads = live?.Now(LoadMetric.Reads), writes = live?.Now(LoadMetric.Writes);
        var rows = new SegmentRow[state.Map.SegmentCount];
        for (var i = 0; i < rows.Length; i++)
        {
            var shard = state.Map.Owners[i];
            var score = board?.Segments[i];
            var predicted = board?.Reactive is null ? score : null;
            long keys = 0, bytes = 0;
            if (live is not null && i < live.Segments)
            {
                live.Levels.TryGet(i, out keys, out bytes);
            }

            var first = i * state.Map.SlotsPerSegment;
            rows[i] = new SegmentRow(
                new SegmentId((ushort)i), first, first + state.Map.SlotsPerSegment - 1, shard, leaders.GetValueOrDefault(shard), keys, bytes,
                At(reads, i), At(writes, i), At(cpu, i), predicted?.Peak ?? double.NaN, predicted?.PeakAt, score?.Confidence ?? double.NaN);
        }

        return rows;
    }

    private static double At(float[]? values, int index) => values is not null && index < values.Length ? values[index] : double.NaN;
}
