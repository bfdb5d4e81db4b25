using System.Threading.Channels;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>
/// A cluster retains for real seconds, and where model time runs faster its day is short: a copy that is kept up to date for ten real minutes would cost its source and its
/// target half a day's writes. So as long as nobody has changed the cluster's limits, it retains for the default in model time.
/// </summary>
internal sealed partial class ModelRetention(IFleet fleet, ModelClock clock, ILogger<ModelRetention> log) : BackgroundService
{
    /// <summary>The default limits, their retention as long in model time.</summary>
    public static MigrationLimits LimitsAt(ModelClock clock) => MigrationLimits.Default with
    {
        RetainSeconds = Math.Clamp((int)Math.Ceiling(clock.ToReal(TimeSpan.FromSeconds(MigrationLimits.Default.RetainSeconds)).TotalSeconds), 1, MigrationLimits.Default.RetainSeconds),
    };

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wanted = LimitsAt(clock);
        if (wanted == MigrationLimits.Default)
        {
            return;
        }

        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void OnChanged() => changed.Writer.TryWrite(true);
        fleet.Changed += OnChanged;
        try
        {
            while (!await TrySetAsync(wanted, stoppingToken))
            {
                await changed.Reader.ReadAsync(stoppingToken);
            }
        }
        finally
        {
            fleet.Changed -= OnChanged;
        }
    }

    /// <summary>False: the cluster is not known yet, or does not take it now.</summary>
    private async Task<bool> TrySetAsync(MigrationLimits wanted, CancellationToken stopping)
    {
        var state = fleet.State;
        if (state.ClusterId.Length == 0)
        {
            return false;
        }

        if (state.Limits != MigrationLimits.Default)
        {
            return true;
        }

        var answer = await fleet.SetLimitsAsync(wanted, stopping);
        if (answer.Accepted)
        {
            Shortened(log, wanted.RetainSeconds, clock.Factor);
        }

        return answer.Accepted;
    }

    [LoggerMessage(LogLevel.Information, "Migrations retain for {Seconds} s, the default in model time at {Factor}x")]
    private static partial void Shortened(ILogger log, int seconds, double factor);
}
