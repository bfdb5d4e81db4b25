using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet.Members.Core;

namespace ShardConsole.ControlPlane.Fleet.Members;

/// <summary>Follows the drains once a second, and lets members go that are to leave when they are empty. A restart goes on where it was.</summary>
internal sealed partial class DrainDriver(IFleet fleet, DrainStore drains, IMemberDesk desk, TimeProvider realTime, ILogger<DrainDriver> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>One look.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        IReadOnlyList<Drain> leaving = [];
        drains.Change(known =>
        {
            (var book, leaving) = DrainBook.Look(known, fleet.State, realTime.GetUtcNow().ToUnixTimeMilliseconds());
            return book;
        });
        foreach (var drain in leaving)
        {
            if (await desk.LeaveAsync(drain.Node, drain.By, $"Empty: {drain.Reason}", cancellation) is { Done: false } refused)
            {
                // The snapshot was ahead of the meta group, or behind it: the next look asks again.
                NotYet(log, refused.Id ?? "", refused.Detail);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, realTime);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is IOException or System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException)
            {
                NotKept(log, e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Node} does not leave yet: {Detail}")]
    private static partial void NotYet(ILogger logger, string node, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "The drains could not be kept ({Reason}); it is tried again")]
    private static partial void NotKept(ILogger logger, string reason);
}
