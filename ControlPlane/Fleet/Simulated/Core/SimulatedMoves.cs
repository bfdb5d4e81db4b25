using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Fleet.Simulated.Core;

/// <summary>
/// Map, limits, halt and migrations of a simulated fleet: what the meta group holds in a real one, with the same phases, refusals and rates, and no data. Not safe for
/// concurrent use; time and ids come in as arguments.
/// </summary>
internal sealed class SimulatedMoves(ShardMap map, Func<SegmentId, long> bytesOf)
{
    /// <summary>How long a segment is shown to have been closed, µs.</summary>
    public const long CutOverMicros = 5000;

    /// <summary>Ended migrations that are remembered.</summary>
    private const int MaxEnded = 4096;
    private const double PreparingSeconds = 0.5;
    private const double VerifyingSeconds = 0.5;
    private const double CuttingOverSeconds = 0.1;
    private readonly List<SimulatedMove> moves = [];
    private ulong last;

    /// <summary>Who owns what.</summary>
    public ShardMap Map { get; private set; } = map;

    /// <summary>Limits in force.</summary>
    public MigrationLimits Limits { get; set; } = MigrationLimits.Default;

    /// <summary>Nothing copies, commits or begins.</summary>
    public bool Halted { get; private set; }

    /// <summary>Who halted.</summary>
    public string HaltedBy { get; private set; } = "";

    /// <summary>All migrations that are known, ascending by id.</summary>
    public IReadOnlyList<SimulatedMove> All => moves;

    /// <summary>Continues from a kept map and the last id that was given.</summary>
    public void Restore(ShardMap kept, ulong lastId) => (Map, last) = (kept, lastId);

    /// <summary>The map with other replicas of a shard.</summary>
    public void Show(ReplicasChanged change) => Map = Map.Apply(change);

    /// <summary>The map at a higher epoch: the member list has changed.</summary>
    public void RaiseEpoch() => Map = Map with { Epoch = Map.Epoch + 1 };

    /// <summary>Last id that was given.</summary>
    public ulong LastId => last;

    /// <summary>Halts or resumes.</summary>
    public MetaAnswer Halt(SetHalt request)
    {
        (Halted, HaltedBy) = (request.Halted, request.Halted ? request.By : "");
        return new MetaAnswer(true, 0, null, null);
    }

    /// <summary>Begins a migration; a known move answers its own.</summary>
    public MetaAnswer Start(StartMigration order, long unixMs)
    {
        if (moves.Find(m => m.Base == 0 && m.Order.PlanHash == order.PlanHash && m.Order.MoveNumber == order.MoveNumber) is { } known)
        {
            return new MetaAnswer(true, known.Id, null, null);
        }

        if (Halted)
        {
            return Refused("halted", $"All moves are halted by {HaltedBy}.");
        }

        if (order.Segment.Value >= Map.SegmentCount || Map.OwnerOf(order.Segment) != order.From)
        {
            return Refused("not-owner", $"Segment {order.Segment} does not belong to {order.From}.");
        }

        if (order.From == order.To || Map.Find(order.To) is null)
        {
            return Refused("same-shard", $"{order.To} is no other shard of the map.");
        }

        return moves.Exists(m => m.Order.Segment == order.Segment && !m.Phase.IsEnded())
            ? Refused("segment-under-way", $"Segment {order.Segment} has a migration that has not ended.")
            : new MetaAnswer(true, Add(order, 0, unixMs).Id, null, null);
    }

    /// <summary>Names another preferred leader of a shard, with the refusals of a real cluster.</summary>
    public MetaAnswer Lead(ShardId shard, TransferLeader request)
    {
        if (Map.Find(shard) is not { } found)
        {
            return Refused("unknown-shard", $"{shard} is no shard of the map.");
        }

        if (found.PreferredLeader == request.To)
        {
            return new MetaAnswer(true, 0, null, null);
        }

        if (Halted)
        {
            return Refused("halted", $"All moves are halted by {HaltedBy}.");
        }

        if (found.PreferredLeader != request.From)
        {
            return Refused("stale", $"The preferred leader of {shard} is {found.PreferredLeader}, not {request.From}.");
        }

        if (!found.Replicas.Contains(request.To))
        {
            return Refused("replicas", $"Node {request.To} holds no replica of {shard}.");
        }

        Map = Map.Apply(new ReplicasChanged(shard, found.Replicas, request.To));
        return new MetaAnswer(true, 0, null, null);
    }

    /// <summary>Changes a migration as far as its phase allows.</summary>
    public MetaAnswer Change(ulong id, MoveChange change, string by, string reason, long unixMs)
    {
        var at = moves.FindIndex(m => m.Id == id);
        if (at < 0)
        {
            return Refused("unknown-migration", $"Migration {id} is not known.");
        }

        var move = moves[at];
        switch (change)
        {
            case MoveChange.Cancel when move.Phase.CanCancel():
                moves[at] = move.To(MigrationPhase.Aborting, unixMs, by, reason);
                break;
            case MoveChange.Pause when move.Phase.CanPause():
                moves[at] = move with { Paused = true, Rate = 0 };
                break;
            case MoveChange.Resume when move.Phase.CanPause():
                moves[at] = move with { Paused = false };
                break;
            case MoveChange.Finish when move.Phase.IsRetained():
                moves[at] = move.To(MigrationPhase.Cleaning, unixMs, by, reason);
                break;
            case MoveChange.Rollback when move.Phase.IsRetained() && move.Base == 0:
                var back = Add(move.Order with { From = move.Order.To, To = move.Order.From, By = by, Reason = reason }, move.Id, unixMs);
                moves[at] = move.To(MigrationPhase.RollingBack, unixMs, by, reason) with { RolledBackBy = back.Id };
                return new MetaAnswer(true, back.Id, null, null);
            default:
                return Refused(change is MoveChange.Rollback or MoveChange.Finish ? "not-retained" : "too-late", $"Migration {id} of segment {move.Order.Segment} is {move.Phase.Label()}.");
        }

        return new MetaAnswer(true, id, null, null);
    }

    /// <summary>Carries everything on.</summary>
    /// <param name="seconds">Real seconds that have passed, at least 0.</param>
    public void Advance(double seconds, long unixMs)
    {
        var nodes = Halted ? [] : Rates();
        for (var i = 0; i < moves.Count; i++)
        {
            var move = moves[i];
            if (!move.Phase.IsEnded() && !(move.Phase < MigrationPhase.Retaining && (Halted || move.Paused)))
            {
                moves[i] = Carried(move with { InPhase = move.InPhase + seconds, Rate = nodes.GetValueOrDefault(move.Id) }, seconds, unixMs);
            }
        }

        for (var i = 0; moves.Count > MaxEnded && i < moves.Count;)
        {
            if (moves[i].Phase.IsEnded())
            {
                moves.RemoveAt(i);
            }
            else
            {
                i++;
            }
        }
    }

    private static MetaAnswer Refused(string code, string detail) => new(false, 0, code, detail);

    private SimulatedMove Add(StartMigration order, ulong undoes, long unixMs)
    {
        var move = new SimulatedMove(++last, order, bytesOf(order.Segment), undoes);
        moves.Add(move with { Log = [new PhaseEntry(MigrationPhase.Preparing, unixMs, order.By, 1, order.Reason)] });
        return move;
    }

    // What is copied shares the limits of its nodes and of the cluster evenly.
    private Dictionary<ulong, double> Rates()
    {
        var copying = moves.FindAll(m => m.Phase == MigrationPhase.Shadowing && !m.Paused);
        var leaders = copying.ToDictionary(m => m.Id, m => (From: LeaderOf(m.Order.From), To: LeaderOf(m.Order.To)));
        var busy = leaders.Values.SelectMany(l => new[] { l.From, l.To }.Distinct()).GroupBy(n => n).ToDictionary(g => g.Key, g => g.Count());
        return copying.ToDictionary(m => m.Id, m => Math.Min(
            (double)Limits.NodeBytesPerSecond / Math.Max(busy[leaders[m.Id].From], busy[leaders[m.Id].To]), (double)Limits.ClusterBytesPerSecond / copying.Count));
    }

    private SimulatedMove Carried(SimulatedMove move, double seconds, long unixMs)
    {
        var undoes = move.Base != 0;
        switch (move.Phase)
        {
            case MigrationPhase.Preparing when move.InPhase >= PreparingSeconds && HasPlace(move):
                return move.To(MigrationPhase.Shadowing, unixMs, "", undoes ? "the copy is still there" : "") with { Copied = undoes ? move.Bytes : 0 };
            case MigrationPhase.Shadowing:
                var copied = Math.Min(move.Bytes, move.Copied + (move.Rate * seconds));
                return copied >= move.Bytes ? move.To(MigrationPhase.Verifying, unixMs, "", "") with { Copied = move.Bytes } : move with { Copied = copied };
            case MigrationPhase.Verifying when move.InPhase >= VerifyingSeconds:
                return move.To(MigrationPhase.CuttingOver, unixMs, "", "digests are equal");
            case MigrationPhase.CuttingOver when move.InPhase >= CuttingOverSeconds:
                Commit(move);
                return undoes ? Undone(move, unixMs) : move.To(MigrationPhase.Retaining, unixMs, "", "");
            case MigrationPhase.Retaining when move.InPhase >= Limits.RetainSeconds:
                return move.To(MigrationPhase.Cleaning, unixMs, "", "");
            case MigrationPhase.Cleaning:
                return move.To(MigrationPhase.Done, unixMs, "", "");
            case MigrationPhase.Aborting:
                Resumed(move, unixMs);
                return move.To(MigrationPhase.Aborted, unixMs, "", "");
            default:
                return move;
        }
    }

    private bool HasPlace(SimulatedMove move)
    {
        var ends = new[] { LeaderOf(move.Order.From), LeaderOf(move.Order.To) };
        var taken = moves.FindAll(m => m.TakesPlace);
        return move.Base != 0 || (taken.Count < Limits.MaxConcurrentMoves
            && (Limits.MaxNodeMoves <= 0 || ends.All(n => taken.Count(m => LeaderOf(m.Order.From) == n || LeaderOf(m.Order.To) == n) < Limits.MaxNodeMoves)));
    }

    private void Commit(SimulatedMove move) => Map = Map.Apply(new SegmentMoved(move.Order.Segment, move.Order.To, move.Order.Reason));

    private SimulatedMove Undone(SimulatedMove back, long unixMs)
    {
        var at = moves.FindIndex(m => m.Id == back.Base);
        if (at >= 0)
        {
            moves[at] = moves[at].To(MigrationPhase.RolledBack, unixMs, "", $"undone by {back.Id}");
        }

        return back.To(MigrationPhase.Done, unixMs, "", "");
    }

    // A cancelled rollback leaves what it would have undone as it is.
    private void Resumed(SimulatedMove back, long unixMs)
    {
        var at = back.Base == 0 ? -1 : moves.FindIndex(m => m.Id == back.Base);
        if (at >= 0)
        {
            moves[at] = moves[at].To(MigrationPhase.Cleaning, unixMs, "", $"rollback {back.Id} was cancelled");
        }
    }

    private NodeId LeaderOf(ShardId shard) => Map.Find(shard)?.PreferredLeader ?? default;
}
