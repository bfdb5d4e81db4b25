using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.History;

/// <summary>
/// The table of frames, by plain commands: thousands of blobs are read and written at once, which change tracking would double.
/// The commands are those that SQLite and PostgreSQL share.
/// </summary>
internal sealed class FrameTable(IDbContextFactory<ControlPlaneDb> databases)
{
    /// <summary>Frames of a metric and tier that start in [from, to) (Unix seconds), of all sources, ascending by start.</summary>
    public async Task<List<FrameRow>> ReadAsync(HistoryTier tier, LoadMetric metric, long from, long to, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Database.OpenConnectionAsync(cancellation);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText =
            """SELECT "Start", "Source", "Data" FROM frames WHERE "Tier" = @tier AND "Metric" = @metric AND "Start" >= @from AND "Start" < @to ORDER BY "Start", "Source" """;
        Add(command, "@tier", (int)tier);
        Add(command, "@metric", (int)metric);
        Add(command, "@from", from);
        Add(command, "@to", to);
        var rows = new List<FrameRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new FrameRow
            {
                Tier = (byte)tier,
                Metric = (byte)metric,
                Start = reader.GetInt64(0),
                Source = reader.GetInt64(1),
                Data = reader.GetFieldValue<byte[]>(2),
            });
        }

        return rows;
    }

    /// <summary>Start of the oldest frame, Unix seconds; null when there is none.</summary>
    public async Task<long?> OldestAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Frames.MinAsync(f => (long?)f.Start, cancellation);
    }

    /// <summary>Writes frames over those of the same key, and the state of the intake with them: both or neither.</summary>
    public async Task WriteAsync(IReadOnlyCollection<FrameRow> frames, IReadOnlyCollection<IntakeRow> intakes, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var connection = db.Database.GetDbConnection();
        await using (var command = connection.CreateCommand())
        {
            command.CommandText =
                """
                INSERT INTO frames ("Tier", "Metric", "Start", "Source", "Data") VALUES (@tier, @metric, @start, @source, @data)
                ON CONFLICT ("Tier", "Metric", "Start", "Source") DO UPDATE SET "Data" = excluded."Data"
                """;
            Add(command, "@tier", 0);
            Add(command, "@metric", 0);
            Add(command, "@start", 0L);
            Add(command, "@source", 0L);
            Add(command, "@data", Array.Empty<byte>());
            command.Transaction = Microsoft.EntityFrameworkCore.Storage.DbContextTransactionExtensions.GetDbTransaction(transaction);
            foreach (var frame in frames)
            {
                object[] values = [(int)frame.Tier, (int)frame.Metric, frame.Start, frame.Source, frame.Data];
                for (var i = 0; i < values.Length; i++)
                {
                    command.Parameters[i].Value = values[i];
                }

                await command.ExecuteNonQueryAsync(cancellation);
            }
        }

        foreach (var intake in intakes)
        {
            var at = intake.At.ToUnixTimeMilliseconds();
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO intakes ("Node", "Boot", "Last", "Window", "At") VALUES ({intake.Node}, {intake.Boot}, {intake.Last}, {intake.Window}, {at})
                ON CONFLICT ("Node", "Boot") DO UPDATE SET "Last" = excluded."Last", "Window" = excluded."Window", "At" = excluded."At"
                """,
                cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Deletes frames of a tier that start before a moment (Unix seconds). Number deleted.</summary>
    public async Task<int> TrimAsync(HistoryTier tier, long before, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var number = (byte)tier;
        return await db.Frames.Where(f => f.Tier == number && f.Start < before).ExecuteDeleteAsync(cancellation);
    }

    /// <summary>Deletes all frames of a source. Number deleted.</summary>
    public async Task<int> RemoveAsync(long source, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Frames.Where(f => f.Source == source).ExecuteDeleteAsync(cancellation);
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
