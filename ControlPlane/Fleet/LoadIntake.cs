using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>What became of a report.</summary>
internal enum IntakeVerdict
{
    /// <summary>Taken, or taken before: it changes nothing the second time.</summary>
    Taken,

    /// <summary>The cluster is not known yet; the node keeps the report and tries again.</summary>
    NotReady,

    /// <summary>Of another cluster, or of a node that is no member.</summary>
    Foreign,

    /// <summary>It cannot be true.</summary>
    Invalid,
}

/// <summary>The verdict on a report, with a reason for people; whether it was taken before.</summary>
internal readonly record struct IntakeAnswer(IntakeVerdict Verdict, string Detail = "", bool Repeated = false);

/// <summary>Takes the nodes' reports into history and live load, each (node, boot, sequence) once. Safe for concurrent use.</summary>
internal sealed class LoadIntake(
    IFleet fleet, HistoryStore history, IDbContextFactory<ControlPlaneDb> databases, IntakeOptions options, ModelClock clock, TimeProvider realTime)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Node, string Boot), Boot> boots = [];
    private volatile LiveLoad? live;

    /// <summary>Raised with each report that was taken for the first time. Handlers must not block.</summary>
    public event Action<LoadReport>? Taken;

    /// <summary>The present load; null until the cluster is known.</summary>
    public LiveLoad? Live => live;

    /// <summary>Reads what was taken in earlier runs, and makes room for a cluster of so many segments. Called once, before the first report.</summary>
    public async Task StartAsync(int segmentCount, CancellationToken cancellation)
    {
        await history.StartAsync(segmentCount, cancellation);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = await db.Intakes.AsNoTracking().OrderByDescending(i => i.At).Take(options.MaxBoots).ToListAsync(cancellation);
        lock (gate)
        {
            foreach (var row in rows)
            {
                boots[(row.Node, row.Boot)] = new Boot(SequenceWindow.Restore(row.Last, row.Window)) { At = row.At };
            }
        }

        var load = new LiveLoad(segmentCount, options);
        await RestoreLevelsAsync(load.Levels, cancellation);
        live = load;
    }

    /// <summary>Takes a report.</summary>
    public async Task<IntakeAnswer> AcceptAsync(LoadReport report, CancellationToken cancellation)
    {
        var state = fleet.State;
        if (live is not { } load || state.ClusterId.Length == 0)
        {
            return new IntakeAnswer(IntakeVerdict.NotReady, "The cluster is not known yet; try again.");
        }

        if (report.ClusterId != state.ClusterId)
        {
            return new IntakeAnswer(IntakeVerdict.Foreign, $"This control plane is of cluster {state.ClusterId}, the report of {report.ClusterId}.");
        }

        if (state.Find(report.Node) is null)
        {
            return new IntakeAnswer(IntakeVerdict.Foreign, $"Node {report.Node} is no member of cluster {state.ClusterId}.");
        }

        var now = realTime.GetUtcNow();
        if (ReportCheck.Problem(report, state.Map.SegmentCount, now.ToUnixTimeMilliseconds()) is { } problem)
        {
            return new IntakeAnswer(IntakeVerdict.Invalid, problem);
        }

        var key = (report.Node.ToString(), report.Boot.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
        if (!TryTake(key, report.Sequence, now))
        {
            return new IntakeAnswer(IntakeVerdict.Taken, Repeated: true);
        }

        await RecordAsync(report, state, load, key, cancellation);
        Taken?.Invoke(report);
        return new IntakeAnswer(IntakeVerdict.Taken);
    }

    /// <summary>Writes what has come since the last call.</summary>
    public Task FlushAsync(CancellationToken cancellation) => history.FlushAsync(TakeChanged, cancellation);

    /// <summary>A quiet segment's level is not reported again: it is what it was when the program was stopped.</summary>
    private async Task RestoreLevelsAsync(SegmentLevels levels, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var keys = await history.ReadAsync(LoadMetric.Keys, now.AddDays(-1), now, TimeSpan.FromHours(1), cancellation);
        var bytes = await history.ReadAsync(LoadMetric.DataBytes, now.AddDays(-1), now, TimeSpan.FromHours(1), cancellation);
        for (var column = 0; column < keys.Values.Count; column++)
        {
            for (var i = 0; i < history.SegmentCount; i++)
            {
                if (!float.IsNaN(keys.Values[column][i]) && !float.IsNaN(bytes.Values[column][i]))
                {
                    levels.Set(new SegmentId((ushort)i), (long)keys.Values[column][i], (long)bytes.Values[column][i]);
                }
            }
        }
    }

    private async Task RecordAsync(LoadReport report, FleetState state, LiveLoad load, (string, string) key, CancellationToken cancellation)
    {
        var from = clock.ToModel(DateTimeOffset.FromUnixTimeMilliseconds(report.BucketUnixMs));
        var slice = ReportSlice.Of(report, state.Map, from, from + clock.ToModel(TimeSpan.FromMilliseconds(report.BucketMs)), load.Levels);
        try
        {
            await history.RecordAsync(slice, cancellation);
        }
        catch
        {
            lock (gate)
            {
                boots[key].Window.GiveBack(report.Sequence);
            }

            throw;
        }

        load.Add(report, slice);
    }

    private bool TryTake((string Node, string Boot) key, long sequence, DateTimeOffset now)
    {
        lock (gate)
        {
            if (!boots.TryGetValue(key, out var boot))
            {
                if (boots.Count >= options.MaxBoots)
                {
                    boots.Remove(boots.MinBy(b => (b.Value.At, b.Key.Node, b.Key.Boot)).Key);
                }

                boot = boots[key] = new Boot(new SequenceWindow());
            }

            boot.At = now;
            var taken = boot.Window.TryTake(sequence);
            boot.Changed |= taken;
            return taken;
        }
    }

    private List<IntakeRow> TakeChanged()
    {
        lock (gate)
        {
            var rows = new List<IntakeRow>();
            foreach (var (key, boot) in boots.Where(b => b.Value.Changed))
            {
                boot.Changed = false;
                rows.Add(new IntakeRow { Node = key.Node, Boot = key.Boot, Last = boot.Window.Last, Window = boot.Window.Bits(), At = boot.At });
            }

            return rows;
        }
    }

    private sealed class Boot(SequenceWindow window)
    {
        public SequenceWindow Window { get; } = window;

        public DateTimeOffset At { get; set; }

        public bool Changed { get; set; }
    }
}
