using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Migrations as the console shows them.</summary>
internal static class MigrationRows
{
    /// <summary>The row of a migration. Its times are model time.</summary>
    public static MigrationRow Of(MigrationStatus status, FleetState state, CopyRates rates, ModelClock clock)
    {
        var (eta, spread) = status.Phase is MigrationPhase.Shadowing or MigrationPhase.RollingBack
            ? rates.Eta(status.Id, Math.Max(0, status.TotalBytes - status.CopiedBytes))
            : (double.NaN, double.NaN);
        var started = status.Log.Length > 0 ? At(status.Log[0]) : clock.GetUtcNow();
        return new MigrationRow(
            status, status.PlanHash, state.LeaderOf(status.From), state.LeaderOf(status.To), eta, spread, WhatIsNext(status), started,
            status.Phase.IsEnded() && status.Log.Length > 0 ? At(status.Log[^1]) : null);

        DateTimeOffset At(PhaseEntry entry) => clock.ToModel(DateTimeOffset.FromUnixTimeMilliseconds(entry.UnixMs));
    }

    private static string WhatIsNext(MigrationStatus status) => status.Paused ? "Goes on when it is resumed" : status.Phase switch
    {
        MigrationPhase.Preparing => "The target makes room for the segment",
        MigrationPhase.Shadowing => "Both sides are compared when the copy is complete",
        MigrationPhase.Verifying => "The segment is closed for some milliseconds and changes its owner",
        MigrationPhase.CuttingOver => "The new owner serves, or the move is taken back",
        MigrationPhase.Retaining => "The old copy is dropped when its time is over",
        MigrationPhase.Cleaning => "The old copy is dropped",
        MigrationPhase.Aborting => "The incoming copy is dropped",
        MigrationPhase.RollingBack => "The former owner serves again when it has caught up",
        _ => "",
    };
}
