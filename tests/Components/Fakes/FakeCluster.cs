using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Components.Fakes;

/// <summary>A cluster of six nodes and twelve shards that stands still at 03:10, with one plan waiting. Everything may be emptied or made to fail.</summary>
internal sealed class FakeCluster : IClusterQueries, IHistoryReader, IForecastReader, IForecastTrigger
{
    private const double Threshold = 2800;
    private readonly FakeLoad load;

    public FakeCluster()
    {
        var shards = Enumerable.Range(1, 12).Select(i => new ShardId((ushort)i)).ToArray();
        var owners = PlacementRing.Assign(1024, shards);
        CurrentMap = new ShardMap
        {
            Epoch = 412,
            Owners = owners,
            Shards = [.. shards.Select(s => new ShardInfo(s, [NodeOf(s), new NodeId((ulong)(s.Value % 6) + 1)], NodeOf(s)))],
            Exceptions = [new PlacementException(new SegmentId(5), owners[5], "s-03 was over its threshold")],
        };
        load = new FakeLoad(Now, owners);
        Forecast = MakeForecast();
    }

    public event Action? Changed;

    public DateTimeOffset Now { get; set; } = new(2026, 11, 19, 2, 10, 0, TimeSpan.Zero);

    public ShardMap CurrentMap { get; set; }

    public ForecastFrame? Forecast { get; set; }

    public Exception? Failure { get; set; }

    public bool Halted { get; set; }

    public List<MigrationRow> MigrationRows { get; } = [];

    public List<NeedsYou> Needs { get; } =
    [
        new("plan", "Approve plan 7c1e", "12 moves, 2.1 GB, 4 min at 04:05. n3 peaks at 70 % instead of 91 %.", "/plans/7c1e", "Review plan", null),
        new("hot-key", "Hot key in segment 611", "One key takes 38 % of it. Moving will not help; cache or split it.", "/heatmap?segment=611", "See key", null),
    ];

    public int SegmentCount => CurrentMap.SegmentCount;

    public DateTimeOffset? Oldest => Now.AddDays(-14);

    public static NodeId NodeOf(ShardId shard) => new((ulong)((shard.Value + 1) % 6) + 1);

    public TimeSpan Interval => TimeSpan.FromMinutes(5);

    public long MergedTurns => 0;

    public Task<bool> RunNowAsync(CancellationToken cancellation) => Task.FromResult(true);

    public void RaiseChanged() => Changed?.Invoke();

    public ClusterSummary Summary() => new(
        CurrentMap.SegmentCount == 0 ? "" : "c-9f31", "orders-eu", true, "n2", CurrentMap.Epoch, Halted, Halted ? "ops-1" : "", Forecast?.MadeAt, null,
        MigrationRows.Count(m => !m.Status.Phase.IsEnded()), MigrationRows.Count > 0 ? 3 : 0, MigrationLimits.Default, MigrationRows.Sum(m => m.Status.BytesPerSecond), 1, Now, 1, false);

    public ShardMap Map() => Failure is null ? CurrentMap : throw Failure;

    public IReadOnlyList<NodeRow> Nodes() => CurrentMap.SegmentCount == 0 ? [] : [.. Enumerable.Range(1, 6).Select(i =>
    {
        var id = new NodeId((ulong)i);
        var leads = CurrentMap.Shards.Where(s => s.PreferredLeader == id).Select(s => s.Id).ToArray();
        var peaks = Forecast is null ? [] : Forecast.Q90.Select(q => leads.Sum(s => ShardSum(q, s)) + 60).ToArray();
        var now = leads.Sum(s => Segments(s).Sum(x => load.Cpu(x, Now))) + 60;
        var capacity = new NodeCapacity(5600, 64_000_000_000, 400_000_000, 1_000_000_000);
        var peak = peaks.Length == 0 ? double.NaN : peaks.Max() / 5600;
        return new NodeRow(
            id, $"n{i}", ((string[])["a", "a", "b", "b", "c", "c"])[i - 1], "alive", capacity, new NodeUse(now, 26_000_000_000, 4e7, 2e8),
            [
                new("cpu", now / 5600, peak, peaks.Length == 0 ? null : Forecast!.Starts[Array.IndexOf(peaks, peaks.Max())], Math.Min(peak, 0.69), 0.7),
                new("memory", 0.41, 0.43, Now.AddHours(11), 0.43, 0.7), new("disk", 0.1 + (i * 0.01), 0.22 + (i * 0.02), Now.AddHours(11), double.NaN, 0.7), new("network", 0.17, 0.4, Now.AddHours(11), double.NaN, 0.7),
            ],
            leads, [.. CurrentMap.Shards.Where(s => s.PreferredLeader != id && s.Replicas.Contains(id)).Select(s => s.Id)], "0.1.0", 40 + i, peaks,
            Enumerable.Range(1, 6).Where(j => j != i).ToDictionary(j => $"n{j}", j => 180 + (j * 20))) { CpuStarts = Forecast?.Starts ?? [] };
    })];

    public IReadOnlyList<ShardRow> Shards() => [.. CurrentMap.Shards.Select(s =>
    {
        var own = Segments(s.Id).ToArray();
        var scores = Forecast is null ? [] : Forecast.Q90.Select(q => ShardSum(q, s.Id)).ToArray();
        var peak = scores.Length == 0 ? double.NaN : scores.Max();
        var crossing = Array.FindIndex(scores, v => v > Threshold);
        return new ShardRow(
            s.Id, s.PreferredLeader, s.PreferredLeader, s.Replicas, own.Length, own.Length * 24_000, own.Length * 2_100_000L, own.Sum(x => load.Cpu(x, Now)) * 14, own.Sum(x => load.Cpu(x, Now)), peak,
            scores.Length == 0 ? null : Forecast!.Starts[Array.IndexOf(scores, peak)], Threshold, crossing < 0 ? null : Forecast!.Starts[crossing]);
    })];

    public Task<Overview> OverviewAsync(CancellationToken cancellation)
    {
        if (Failure is not null)
        {
            return Task.FromException<Overview>(Failure);
        }

        var nodes = Nodes();
        var busiest = nodes.OrderByDescending(n => n.Dimensions.Count == 0 ? 0 : n.Dimensions[0].Peak).FirstOrDefault();
        var past = Enumerable.Range(0, 288).Select(i => Now.AddMinutes((i - 288) * 5)).ToArray();
        var strip = Enumerable.Range(0, 72).Select(i => Now.AddMinutes((i - 72) * 10)).ToArray();
        var ahead = Forecast?.Starts ?? [];
        var shards = CurrentMap.Shards.Select(s => s.Id).ToArray();
        return Task.FromResult(new Overview(
            1.75, 1.34, busiest?.Name ?? "", busiest?.Dimensions[0].Peak ?? double.NaN, busiest?.Dimensions[0].PeakAt, 96_210, 0.84, 412_000_000, 0.42, 0.42,
            new LoadSeries("mcore", past, [.. past.Select(Fleet)], ahead, [.. Sums(Forecast?.Q10)], [.. Sums(Forecast?.Q50)], [.. Sums(Forecast?.Q90)]),
            new ShardStrips([.. strip, .. ahead], strip.Length, shards, [.. shards.Select(s => (IReadOnlyList<double>)[.. strip.Select(t => Segments(s).Sum(x => load.Cpu(x, t)) / Threshold), .. (Forecast?.Q90 ?? []).Select(q => ShardSum(q, s) / Threshold)])]),
            Needs));
    }

    public Task<SegmentDetail?> SegmentAsync(SegmentId segment, CancellationToken cancellation)
    {
        var past = Enumerable.Range(0, 288).Select(i => Now.AddMinutes((i - 288) * 5)).ToArray();
        var shard = CurrentMap.OwnerOf(segment);
        var q50 = Forecast!.Q50.Select(q => (double)q[segment.Value]).ToArray();
        return Task.FromResult<SegmentDetail?>(new SegmentDetail(
            segment, segment.Value * 16, (segment.Value * 16) + 15, shard, NodeOf(shard), 24_010, 204_000_000, 180, 32, load.Cpu(segment.Value, Now), q50.Max(), Forecast.Starts[Array.IndexOf(q50, q50.Max())], "Holt-Winters, day", 0.62,
            new LoadSeries("mcore", past, [.. past.Select(t => load.Cpu(segment.Value, t))], Forecast.Starts, [.. q50.Select(v => v * 0.8)], q50, [.. q50.Select(v => v * 1.25)]),
            [new HotKey("cart:{eu-4471}:items", 0.062, 812), new HotKey("cart:{eu-0912}:items", 0.048, 640)], null));
    }

    public Task<IReadOnlyList<SearchHit>> SearchAsync(string text, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<SearchHit>>([new SearchHit("segment", "Segment 427", "slots 6832–6847", "/heatmap?segment=427")]);

    public IReadOnlyList<MigrationRow> Migrations() => Failure is null ? MigrationRows : throw Failure;

    public Task<SegmentMatrix> ReadAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken cancellation)
    {
        var starts = new List<DateTimeOffset>();
        for (var at = from; at < to; at += step)
        {
            starts.Add(at);
        }

        var gap = new DateTimeOffset(Now.UtcDateTime.Date.AddHours(-5.3), TimeSpan.Zero);
        return Task.FromResult(new SegmentMatrix(starts, [.. starts.Select(_ => step)], [.. starts.Select(t => Column(t, (t - gap).Duration() < TimeSpan.FromMinutes(8)))]));
    }

    public ForecastFrame? Latest(LoadMetric metric) => metric is LoadMetric.Keys or LoadMetric.DataBytes ? null : Forecast;

    public Task<SegmentMatrix> ForecastOfThePastAsync(LoadMetric metric, TimeSpan lead, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var starts = Enumerable.Range(0, (int)(to - from).TotalHours + 1).Select(i => from.AddHours(i)).ToArray();
        return Task.FromResult(new SegmentMatrix(starts, [.. starts.Select(_ => TimeSpan.FromHours(1))], [.. starts.Select(t => Column(t.AddMinutes(30), false))]));
    }

    private float[] Column(DateTimeOffset at, bool gap) =>
        [.. Enumerable.Range(0, SegmentCount).Select(s => gap && CurrentMap.Owners[s].Value == 4 ? float.NaN : (float)load.Cpu(s, at))];

    private ForecastFrame MakeForecast()
    {
        var made = Now.AddMinutes(-2);
        DateTimeOffset[] starts = [.. Enumerable.Range(0, 12).Select(i => Now.AddMinutes(i * 5)), .. Enumerable.Range(0, 23).Select(i => Now.AddHours(1 + i))];
        TimeSpan[] spans = [.. Enumerable.Repeat(TimeSpan.FromMinutes(5), 12), .. Enumerable.Repeat(TimeSpan.FromHours(1), 23)];
        float[][] median = [.. starts.Select((t, i) => Enumerable.Range(0, 1024).Select(s => (float)load.Cpu(s, t + (spans[i] / 2))).ToArray())];
        float[][] Scale(float k) => [.. median.Select(c => c.Select(v => v * k).ToArray())];
        return new ForecastFrame(made, LoadMetric.Cpu, starts, spans, median, Scale(0.8f), median, Scale(1.22f), [.. Enumerable.Repeat("Holt-Winters, day", 1024)], [.. Enumerable.Repeat(0.6f, 1024)]);
    }

    private IEnumerable<int> Segments(ShardId shard) => Enumerable.Range(0, SegmentCount).Where(s => CurrentMap.Owners[s] == shard);

    private double ShardSum(float[] column, ShardId shard) => Segments(shard).Sum(s => (double)column[s]);

    private double Fleet(DateTimeOffset at) => Enumerable.Range(0, SegmentCount).Sum(s => load.Cpu(s, at));

    private static IEnumerable<double> Sums(IReadOnlyList<float[]>? columns) => (columns ?? []).Select(c => c.Sum(v => (double)v));
}
