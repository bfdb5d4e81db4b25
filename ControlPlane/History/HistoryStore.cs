using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Jobs;

namespace ShardConsole.ControlPlane.History;

/// <summary>
/// Measured, imported and generated load, by frames of all segments. What is recorded goes into all tiers at once, is readable at once, and
/// is written with the intake's state in one transaction. Safe for concurrent use.
/// </summary>
internal sealed class HistoryStore(FrameTable table, HistoryOptions options, ModelClock clock) : IHistoryReader, IDisposable
{
    private readonly SemaphoreSlim writing = new(1);
    private readonly Lock gate = new();
    private OpenFrames? open;
    private long? oldest;
    private long sourcesVersion;

    /// <inheritdoc/>
    public int SegmentCount { get; private set; }

    /// <inheritdoc/>
    public DateTimeOffset? Oldest
    {
        get
        {
            lock (gate)
            {
                return oldest is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
            }
        }
    }

    /// <summary>The finest tier that is kept at this pace of the clock.</summary>
    public HistoryTier Finest { get; } = HistoryTiers.Finest(clock.Factor);

    /// <summary>Frames of this many segments from now on; those of another number are not read. Called once, when the cluster is known.</summary>
    public async Task StartAsync(int segmentCount, CancellationToken cancellation)
    {
        var first = await table.OldestAsync(cancellation);
        lock (gate)
        {
            if (open is null)
            {
                SegmentCount = segmentCount;
                open = new OpenFrames(segmentCount, Finest);
                oldest = first;
            }
        }
    }

    /// <summary>Adds a report's slice. <see cref="StartAsync"/> was called.</summary>
    public async Task RecordAsync(LoadSlice slice, CancellationToken cancellation)
    {
        var from = slice.From.ToUnixTimeMilliseconds() / 1000.0;
        var to = slice.To.ToUnixTimeMilliseconds() / 1000.0;
        await writing.WaitAsync(cancellation);
        try
        {
            await HoldAsync(from, to, cancellation);
            lock (gate)
            {
                foreach (var (metric, rates, covers) in slice.Metrics)
                {
                    open!.Add(metric, from, to, rates, covers);
                }

                oldest = Math.Min(oldest ?? long.MaxValue, Finest.StartOf((long)Math.Floor(from)));
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Writes what has changed, and the intake's state with it. <paramref name="takeIntakes"/> is called when no slice is being recorded.</summary>
    public async Task FlushAsync(Func<IReadOnlyCollection<IntakeRow>> takeIntakes, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            List<FrameRow> dirty;
            IReadOnlyCollection<IntakeRow> intakes;
            lock (gate)
            {
                dirty = open?.TakeDirty() ?? [];
                intakes = takeIntakes();
            }

            if (dirty.Count + intakes.Count > 0)
            {
                await WriteAsync(dirty, intakes, cancellation);
            }

            lock (gate)
            {
                open?.Forget(clock.GetUtcNow().ToUnixTimeSeconds(), 10 * clock.Factor);
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Grows whenever frames of a source other than the measured one came or went: what was learnt before may not hold any more.</summary>
    public long SourcesVersion => Interlocked.Read(ref sourcesVersion);

    /// <summary>Writes whole frames of a source other than the measured one, over those of the same key.</summary>
    public async Task WriteSourceAsync(IReadOnlyCollection<FrameRow> frames, CancellationToken cancellation)
    {
        await table.WriteAsync(frames, [], cancellation);
        Interlocked.Increment(ref sourcesVersion);
        lock (gate)
        {
            oldest = frames.Count == 0 ? oldest : Math.Min(oldest ?? long.MaxValue, frames.Min(f => f.Start));
        }
    }

    /// <summary>Takes an import, or what was generated, out of the history again.</summary>
    public async Task RemoveSourceAsync(long source, CancellationToken cancellation)
    {
        await table.RemoveAsync(source, cancellation);
        await NoteOlderAsync(cancellation);
    }

    /// <summary>Deletes what is older than its tier is kept. Number of frames deleted.</summary>
    public async Task<int> TrimAsync(CancellationToken cancellation)
    {
        var deleted = 0;
        foreach (var tier in HistoryTiers.All)
        {
            deleted += await table.TrimAsync(tier, (clock.GetUtcNow() - options.Retention(tier)).ToUnixTimeSeconds(), cancellation);
        }

        await LookForOldestAsync(cancellation);
        return deleted;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The step is no multiple of 10 s, or the span has more columns than a read may ask for.</exception>
    public async Task<SegmentMatrix> ReadAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken cancellation)
    {
        var stepSeconds = (int)step.TotalSeconds;
        if (stepSeconds < 10 || stepSeconds % 10 != 0 || step != TimeSpan.FromSeconds(stepSeconds))
        {
            throw new ArgumentException($"A step of {step} is no multiple of 10 s.", nameof(step));
        }

        var first = Floor(from.ToUnixTimeSeconds(), stepSeconds);
        var last = first + ((long)Math.Ceiling(Math.Max(0, to.ToUnixTimeMilliseconds() / 1000.0 - first) / stepSeconds) * stepSeconds);
        if ((last - first) / stepSeconds > options.MaxColumns)
        {
            throw new ArgumentException($"{(last - first) / stepSeconds} columns of {step} are more than {options.MaxColumns}; ask for a coarser step or a shorter span.", nameof(step));
        }

        if (SegmentCount == 0)
        {
            return new SegmentMatrix([], [], []);
        }

        var columns = new HistoryColumns(metric, first, last, stepSeconds, SegmentCount);
        var measuredBefore = long.MaxValue;
        foreach (var tier in HistoryTiers.All.Where(t => t >= BaseTier(stepSeconds)))
        {
            if (!columns.HasEmpty)
            {
                break;
            }

            // A coarser tier may speak only for the time before the finer one was kept: later it would paint over the finer one's gaps.
            if (await ReadTierAsync(columns, tier, metric, first, last, measuredBefore, cancellation))
            {
                measuredBefore = Math.Min(measuredBefore, (clock.GetUtcNow() - options.Retention(tier)).ToUnixTimeSeconds());
            }
        }

        return columns.ToMatrix();
    }

    /// <inheritdoc/>
    public void Dispose() => writing.Dispose();

    /// <summary>The coarsest tier of which a step is a multiple: the fewest frames that give it exactly.</summary>
    private static HistoryTier BaseTier(int stepSeconds) => HistoryTiers.All.Last(t => stepSeconds % t.Seconds() == 0);

    private static long Floor(long value, long step) => value - (((value % step) + step) % step);

    /// <summary>Adds the frames of a tier. True when some of them were measured.</summary>
    private async Task<bool> ReadTierAsync(
        HistoryColumns columns, HistoryTier tier, LoadMetric metric, long first, long last, long measuredBefore, CancellationToken cancellation)
    {
        var start = tier.StartOf(first);
        var rows = await table.ReadAsync(tier, metric, start, last, cancellation);
        bool measured;
        lock (gate)
        {
            var live = (open?.Of(tier, metric, start, last) ?? []).ToDictionary(f => f.Start, f => f.Frame);
            foreach (var (at, frame) in live)
            {
                columns.Add(tier, at, 0, frame, measuredBefore);
            }

            measured = live.Count > 0 || rows.Exists(r => r.Source == 0);
            rows.RemoveAll(r => r.Source == 0 && live.ContainsKey(r.Start));
        }

        foreach (var row in rows)
        {
            if (MetricFrame.Decode(row.Data, SegmentCount) is { } frame)
            {
                columns.Add(tier, row.Start, row.Source, frame, measuredBefore);
            }
        }

        columns.EndTier();
        return measured;
    }

    private async Task HoldAsync(double from, double to, CancellationToken cancellation)
    {
        List<(HistoryTier Tier, long Start)> missing;
        lock (gate)
        {
            missing = [.. open!.Missing(from, to)];
        }

        foreach (var (tier, start) in missing)
        {
            var kept = new Dictionary<LoadMetric, MetricFrame>();
            foreach (var metric in Enum.GetValues<LoadMetric>())
            {
                var rows = await table.ReadAsync(tier, metric, start, start + 1, cancellation);
                if (rows.Find(r => r.Source == 0) is { } row && MetricFrame.Decode(row.Data, SegmentCount) is { } frame)
                {
                    kept[metric] = frame;
                }
            }

            lock (gate)
            {
                open.Hold(tier, start, kept);
            }
        }
    }

    private async Task WriteAsync(List<FrameRow> frames, IReadOnlyCollection<IntakeRow> intakes, CancellationToken cancellation)
    {
        try
        {
            await table.WriteAsync(frames, intakes, cancellation);
        }
        catch
        {
            // Tried again with the next flush, all together: frames and intake state must not come apart.
            lock (gate)
            {
                open?.MarkAllDirty();
            }

            throw;
        }
    }

    /// <summary>Frames were written beside this store: looks again how far back they reach.</summary>
    public Task NoteOlderAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref sourcesVersion);
        return LookForOldestAsync(cancellation);
    }

    private async Task LookForOldestAsync(CancellationToken cancellation)
    {
        var first = await table.OldestAsync(cancellation);
        lock (gate)
        {
            oldest = first;
        }
    }
}
