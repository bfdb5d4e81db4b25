using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.History;

namespace ShardConsole.ControlPlane.Jobs;

/// <summary>Deletes what is older than it is kept.</summary>
internal sealed class TrimJob(
    HistoryStore history, ForecastStore forecasts, IDbContextFactory<ControlPlaneDb> databases, ModelClock clock, TimeProvider realTime)
{
    /// <summary>How long the taken sequences of a boot are remembered that reports no more, days of real time.</summary>
    private const int IntakeDays = 30;

    /// <summary>The recurring turn.</summary>
    public async Task RunTurnAsync()
    {
        await history.TrimAsync(CancellationToken.None);
        await forecasts.TrimAsync(clock.GetUtcNow(), CancellationToken.None);
        var before = realTime.GetUtcNow().AddDays(-IntakeDays);
        await using var db = await databases.CreateDbContextAsync();
        await db.Intakes.Where(i => i.At < before).ExecuteDeleteAsync();
    }
}
