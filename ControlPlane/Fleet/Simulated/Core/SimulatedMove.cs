using System.Collections.Immutable;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Fleet.Simulated.Core;

/// <summary>A migration of a simulated fleet. Times are seconds of real time since the fleet began.</summary>
/// <param name="Id">1, 2, 3 … in the order in which they were asked for.</param>
/// <param name="Order">What was asked for.</param>
/// <param name="Bytes">To be copied.</param>
/// <param name="Base">Of a rollback the migration that it undoes; else 0.</param>
internal sealed record SimulatedMove(ulong Id, StartMigration Order, long Bytes, ulong Base)
{
    /// <summary>Where it is.</summary>
    public MigrationPhase Phase { get; init; } = MigrationPhase.Preparing;

    /// <summary>Seconds that it has been in the phase.</summary>
    public double InPhase { get; init; }

    /// <summary>Bytes copied.</summary>
    public double Copied { get; init; }

    /// <summary>Copy rate of the last turn, bytes a second.</summary>
    public double Rate { get; init; }

    /// <summary>It stands still until it is resumed.</summary>
    public bool Paused { get; init; }

    /// <summary>The rollback that undoes it; else 0.</summary>
    public ulong RolledBackBy { get; init; }

    /// <summary>Its life so far.</summary>
    public ImmutableArray<PhaseEntry> Log { get; init; } = [];

    /// <summary>It takes part in copying and counts against the limit of moves.</summary>
    public bool TakesPlace => Phase is MigrationPhase.Shadowing or MigrationPhase.Verifying or MigrationPhase.CuttingOver;

    /// <summary>The next phase, with its entry in the log.</summary>
    public SimulatedMove To(MigrationPhase phase, long unixMs, string by, string reason) => this with
    {
        Phase = phase, InPhase = 0, Rate = 0, Log = Log.Add(new PhaseEntry(phase, unixMs, by, (ulong)Log.Length + 1, reason)),
    };

    /// <summary>As the fleet's state shows it.</summary>
    /// <param name="retainSeconds">How long the former owner's copy is kept.</param>
    public MigrationStatus Status(long unixMs, int retainSeconds, int keys) => new(
        Id, Order.PlanHash, Order.MoveNumber, Order.Segment, Order.From, Order.To, Phase, Paused, Bytes > 0 ? (long)(keys * (Copied / Bytes)) : keys, (long)Copied, keys, Bytes, Rate, 0,
        Phase.IsCommitted() ? SimulatedMoves.CutOverMicros : 0, Log)
    {
        Base = Base, RolledBackBy = RolledBackBy,
        RetainUntilUnixMs = Phase == MigrationPhase.Retaining ? unixMs + (long)(1000 * Math.Max(0, retainSeconds - InPhase)) : 0,
        AllowedBytesPerSecond = (long)Rate, EtaSeconds = Phase == MigrationPhase.Shadowing && Rate > 0 ? (Bytes - Copied) / Rate : null,
    };
}
