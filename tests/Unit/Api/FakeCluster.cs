using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;
using ShardConsole.Unit.Approval;
using ShardConsole.Unit.Fleet;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Api;

/// <summary>What REST reads, over the scripted fleet; load is NaN in every second column, as gaps are.</summary>
internal sealed class FakeCluster(ScriptedFleet fleet) : IClusterQueries, IHistoryReader, IForecastReader, ISegmentList, IForecastTrigger
{
    public event Action? Changed;

    public ForecastFrame? Forecast { get; set; }

    public int SegmentCount { get; set; } = 64;

    public DateTimeOffset? Oldest => TestClock.Start.AddDays(-1);

    public TimeSpan Interval => TimeSpan.FromMinutes(5);

    public long MergedTurns => 0;

    public void RaiseChanged() => Changed?.Invoke();

    public ClusterSummary Summary() => new(
        Reports.Cluster, "test", true, "n1", fleet.State.Map.Epoch, fleet.State.Halted, fleet.State.HaltedBy, null, "nothing was measured yet", 0, 0, fleet.State.Limits,
        double.NaN, 0, TestClock.Start, 1, false);

    public ShardMap Map() => fleet.State.Map;

    public IReadOnlyList<NodeRow> Nodes() => [.. fleet.State.Nodes.Select(n => new NodeRow(
        n.Id, n.Member.Name, "", n.Health, n.Member.Capacity, n.Use, [new DimensionUse("cpu", 0.5, double.NaN, null, double.PositiveInfinity, 0.7)], [Reports.S1], [], "1", 0,
        [double.NaN], new Dictionary<string, int>()))];

    public IReadOnlyList<ShardRow> Shards() => [];

    public Task<Overview> OverviewAsync(CancellationToken cancellation) => throw new InvalidOperationException("made to fail");

    public Task<SegmentDetail?> SegmentAsync(SegmentId segment, CancellationToken cancellation) => Task.FromResult<SegmentDetail?>(null);

    public Task<IReadOnlyList<SearchHit>> SearchAsync(string text, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<SearchHit>>([new SearchHit("key", text, "", "/")]);

    public IReadOnlyList<MigrationRow> Migrations() => [.. fleet.State.Migrations.Select(m => new MigrationRow(
        m, m.PlanHash, Reports.N1, Reports.N2, double.NaN, double.NaN, "", TestClock.Start, m.Phase.IsEnded() ? TestClock.Start : null))];

    public Task<SegmentMatrix> ReadAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken cancellation)
    {
        var columns = (int)((to - from) / step);
        return Task.FromResult(new SegmentMatrix(
            [.. Enumerable.Range(0, columns).Select(c => from + (c * step))], [.. Enumerable.Repeat(step, columns)],
            [.. Enumerable.Range(0, columns).Select(c => Enumerable.Range(0, SegmentCount).Select(s => c % 2 == 0 ? s : float.NaN).ToArray())]));
    }

    public ForecastFrame? Latest(LoadMetric metric) => Forecast;

    public Task<SegmentMatrix> ForecastOfThePastAsync(LoadMetric metric, TimeSpan lead, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public IReadOnlyList<SegmentRow> Segments() => [.. Enumerable.Range(0, SegmentCount).Select(i => new SegmentRow(
        new SegmentId((ushort)i), 256 * i, (256 * i) + 255, fleet.State.Map.Owners[i], Reports.N1, i, 100 * i, double.NaN, 0, double.NaN, double.NaN, null, double.NaN))];

    public Task<bool> RunNowAsync(CancellationToken cancellation) => Task.FromResult(Forecast is not null);
}
