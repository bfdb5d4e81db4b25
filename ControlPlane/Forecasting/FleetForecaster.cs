using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>
/// What is learnt of all segments of one metric. New buckets are appended; nothing is fitted anew that need not be. A segment's forecast depends on its own values,
/// and on the <see cref="FleetShape"/> while it is younger than a day; the number of threads changes nothing. Not safe for concurrent use.
/// </summary>
internal sealed class FleetForecaster
{
    /// <summary>Persisted; "SCFS" and a format version.</summary>
    private const long Magic = 0x0002_5346_4353;

    private static readonly Cadence FiveMinutes = Cadence.Of((int)ForecastInput.Bucket.TotalSeconds, ForecastSteps.BucketsPerDay);

    /// <summary>Days that a forecast may look back.</summary>
    private const int KeptDays = 28;

    private readonly SeriesState[] states;
    private readonly StreamOptions options;

    private FleetForecaster(SeriesState[] states, DateTimeOffset from, DateTimeOffset end, StreamOptions options) =>
        (this.states, From, End, this.options) = (states, from, end, options);

    /// <summary>Beginning of the history that was learnt from when it was last fitted as a whole.</summary>
    public DateTimeOffset From { get; }

    /// <summary>End of the last bucket that was learnt from.</summary>
    public DateTimeOffset End { get; private set; }

    /// <summary>Number of segments.</summary>
    public int SegmentCount => states.Length;

    /// <summary>Values that were refused because they were negative or infinite.</summary>
    public long Refused => states.Sum(s => s.Refused);

    /// <summary>Bytes of all states.</summary>
    public long SizeBytes => states.Sum(s => s.SizeBytes);

    /// <summary>Days since the first measured bucket that is still remembered.</summary>
    public double HistoryDays => states.Length == 0 ? 0 : (double)Math.Min(KeptDays * ForecastSteps.BucketsPerDay, states.Max(s => s.Length)) / ForecastSteps.BucketsPerDay;

    /// <summary>Learns from a whole history.</summary>
    /// <param name="progress">Called with the number of segments done, from any thread; null: nobody asks.</param>
    public static FleetForecaster Fit(ForecastInput input, StreamOptions options, CancellationToken cancellation, Action<int>? progress = null)
    {
        var states = new SeriesState[input.History.Length];
        var done = 0;
        Each(states.Length, options, cancellation, (s, core) =>
        {
            var history = input.History[s];
            var state = states[s] = new SeriesState(FiveMinutes) { First = FirstBucket(input, history) };
            foreach (var value in history)
            {
                SeriesIntake.Push(state, value);
            }

            if (state.Largest > 0)
            {
                core.Fit(state);
            }

            progress?.Invoke(Interlocked.Increment(ref done));
        });
        var longest = input.History.Length == 0 ? 0 : input.History.Max(h => h.Length);
        return new FleetForecaster(states, input.Now - (ForecastInput.Bucket * longest), input.Now, options);
    }

    /// <summary>Learns from buckets that follow on <see cref="End"/>.</summary>
    /// <param name="columns">[time][segment], 5 minutes each; NaN = gap.</param>
    public void Advance(IReadOnlyList<float[]> columns, CancellationToken cancellation)
    {
        Each(states.Length, options, cancellation, (s, core) =>
        {
            foreach (var column in columns)
            {
                var state = states[s];
                if (state.Length == 0)
                {
                    state.First = Bucket(End);
                }

                core.Append(state, column[s]);
            }
        });
        End += ForecastInput.Bucket * columns.Count;
    }

    /// <summary>The forecast from <see cref="End"/> on, one per segment.</summary>
    public SegmentForecast[] Forecast(CancellationToken cancellation)
    {
        var forecasts = new SegmentForecast[states.Length];
        var shape = FleetShape.Of(states, new StreamCore(options));
        Each(states.Length, options, cancellation, (s, core) => forecasts[s] = SegmentForecast.Of(states[s], core, core.PathOf(ForecastSteps.BucketsPerDay), shape));
        return forecasts;
    }

    /// <summary>Errors of what was issued, summed over the segments, per horizon.</summary>
    public IReadOnlyList<HorizonQuality> Quality() => QualityOf(states);

    /// <summary>What is known of the fleet (null) or of a segment; null for a segment that there is not.</summary>
    public HorizonReport? Report(int? segment)
    {
        if (segment is { } s && (s < 0 || s >= states.Length))
        {
            return null;
        }

        var asked = segment is { } only ? [states[only]] : states;
        var longest = asked.Length == 0 ? 0 : asked.Max(a => a.Length);
        return new HorizonReport(
            segment, (double)Math.Min(KeptDays * ForecastSteps.BucketsPerDay, longest) / ForecastSteps.BucketsPerDay, KeptDays, asked.Sum(a => a.Refused), asked.Sum(a => a.Gaps), QualityOf(asked));
    }

    /// <summary>Writes everything, so that <see cref="Read"/> goes on bit for bit.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Magic);
        writer.Write(From.ToUnixTimeSeconds());
        writer.Write(End.ToUnixTimeSeconds());
        writer.Write(states.Length);
        foreach (var state in states)
        {
            state.Write(writer);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null where it is of another form.</summary>
    public static FleetForecaster? Read(BinaryReader reader, StreamOptions options)
    {
        if (reader.ReadInt64() != Magic)
        {
            return null;
        }

        var from = DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64());
        var end = DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64());
        var count = reader.ReadInt32();
        if (count is < 0 or > Shared.Cluster.Slot.Count)
        {
            throw new InvalidDataException($"{count} segments cannot be; at most {Shared.Cluster.Slot.Count} are possible.");
        }

        var states = new SeriesState[count];
        for (var s = 0; s < count; s++)
        {
            states[s] = SeriesState.Read(reader, FiveMinutes);
        }

        return new FleetForecaster(states, from, end, options);
    }

    private HorizonQuality[] QualityOf(SeriesState[] asked) =>
        [.. FiveMinutes.Grid.Select((h, g) => HorizonQuality.Of((int)(h * ForecastInput.Bucket.TotalMinutes), g, asked, options))];

    // Buckets are numbered by the calendar, so that errors of different segments can be compared moment by moment.
    private static long FirstBucket(ForecastInput input, float[] history)
    {
        var leading = Array.FindIndex(history, v => !float.IsNaN(v) && !float.IsInfinity(v) && v >= 0);
        return Bucket(input.Now) - history.Length + Math.Max(0, leading);
    }

    private static long Bucket(DateTimeOffset at) => at.UtcTicks / ForecastInput.Bucket.Ticks;

    private static void Each(int count, StreamOptions options, CancellationToken cancellation, Action<int, StreamCore> work)
    {
        // No scheduler: that of the caller, who knows which threads may compute.
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount, TaskScheduler = null };
        Parallel.For(0, count, parallel, () => new StreamCore(options), (s, _, core) =>
        {
            work(s, core);
            return core;
        }, _ => { });
    }
}
