using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Forecasting.Quality;

namespace ShardConsole.ControlPlane.Backtesting;

/// <summary>A backtest that is kept.</summary>
internal sealed record KeptBacktest(DateTimeOffset MadeAt, string By, BacktestResult Result);

/// <summary>Keeps the newest backtest in the database, whoever made it: the console or the command line. Safe for concurrent use.</summary>
internal sealed class BacktestStore(IDbContextFactory<ControlPlaneDb> databases)
{
    private const string Name = "backtest";

    // What cannot be compared is NaN.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The newest one; null where there is none.</summary>
    public async Task<KeptBacktest?> LoadAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var row = await db.Settings.AsNoTracking().FirstOrDefaultAsync(s => s.Name == Name, cancellation);
        return row is null ? null : JsonSerializer.Deserialize<KeptBacktest>(row.Value, Json);
    }

    /// <summary>Keeps one in place of the last.</summary>
    public async Task SaveAsync(KeptBacktest backtest, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var text = JsonSerializer.Serialize(backtest, Json);
        if (await db.Settings.FirstOrDefaultAsync(s => s.Name == Name, cancellation) is { } row)
        {
            row.Value = text;
        }
        else
        {
            db.Settings.Add(new SettingRow { Name = Name, Value = text });
        }

        await db.SaveChangesAsync(cancellation);
    }
}
