using ShardConsole.ControlPlane.Fleet;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>Looks once a second whether a member that joined waits for its segments or one that is drained still has some, and has the plan for it proposed.</summary>
internal sealed partial class MembershipJob(MembershipPlans membership, IFleet fleet, TimeProvider realTime, ILogger<MembershipJob> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, realTime);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (fleet.State is not { AnsweredAt: not null, Map.SegmentCount: > 0 })
            {
                continue;
            }

            try
            {
                await membership.LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException)
            {
                NotKept(log, e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A membership plan could not be kept ({Reason}); it is tried again")]
    private static partial void NotKept(ILogger logger, string reason);
}
