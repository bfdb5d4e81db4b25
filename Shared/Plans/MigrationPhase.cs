using System.Text.Json.Serialization;

namespace ShardConsole.Shared.Plans;

/// <summary>Life of a migration. Persisted, append-only, never renumber. Paused is a flag, not a phase.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MigrationPhase>))]
public enum MigrationPhase : byte
{
    Preparing = 1,
    Shadowing = 2,
    Verifying = 3,
    CuttingOver = 4,
    Retaining = 5,
    Cleaning = 6,
    Done = 7,
    Aborting = 8,
    Aborted = 9,
    RollingBack = 10,
    RolledBack = 11,
}

/// <summary>What may follow what, and what an operator may still ask for.</summary>
public static class MigrationPhases
{
    /// <summary>True when nothing follows.</summary>
    public static bool IsEnded(this MigrationPhase phase) =>
        phase is MigrationPhase.Done or MigrationPhase.Aborted or MigrationPhase.RolledBack;

    /// <summary>True from the migration's one commit point on, as long as it is not undone: the new owner serves. What follows keeps or drops the former owner's copy.</summary>
    public static bool IsCommitted(this MigrationPhase phase) => phase is MigrationPhase.Retaining or MigrationPhase.Cleaning or MigrationPhase.Done;

    /// <summary>True while it takes a place of those that move at once: until its commit, or until it has been cancelled.</summary>
    public static bool TakesPlace(this MigrationPhase phase) => !phase.IsEnded() && !phase.IsCommitted();

    /// <summary>True until the migration's one commit point: it can still be cancelled.</summary>
    public static bool CanCancel(this MigrationPhase phase) =>
        phase is MigrationPhase.Preparing or MigrationPhase.Shadowing or MigrationPhase.Verifying or MigrationPhase.CuttingOver;

    /// <summary>True while it can be paused and resumed: in every phase before the cut-over.</summary>
    public static bool CanPause(this MigrationPhase phase) =>
        phase is MigrationPhase.Preparing or MigrationPhase.Shadowing or MigrationPhase.Verifying;

    /// <summary>True while the former owner's copy is kept: the migration can be rolled back, or its retention be ended. Of rollbacks themselves neither is true.</summary>
    public static bool IsRetained(this MigrationPhase phase) => phase is MigrationPhase.Retaining;

    /// <summary>Label of the phase in the console and in the API's descriptions.</summary>
    public static string Label(this MigrationPhase phase) => phase switch
    {
        MigrationPhase.CuttingOver => "Cutting over",
        MigrationPhase.Aborting => "Cancelling",
        MigrationPhase.Aborted => "Cancelled",
        MigrationPhase.RollingBack => "Rolling back",
        MigrationPhase.RolledBack => "Rolled back",
        _ => phase.ToString(),
    };
}
