using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Security;

public sealed class AuditTrailTests : IDisposable
{
    private readonly TestDatabase database = new();
    private readonly AuditTrail audit;

    public AuditTrailTests() => audit = new AuditTrail(database, TestClock.Real());

    public void Dispose()
    {
        audit.Dispose();
        database.Dispose();
    }

    [Fact]
    public async Task An_untouched_trail_is_intact()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => audit.AddAsync("ann", "test", $"{i}", "why", default)));

        var verdict = await audit.VerifyAsync(default);

        Assert.Equal((true, 20L, null), (verdict.Intact, verdict.Rows, verdict.Problem));
    }

    [Theory]
    [InlineData("UPDATE audit SET Detail = 'x' WHERE Id = 2", "row 2 was changed, or a row before it was")]
    [InlineData("DELETE FROM audit WHERE Id = 2", "row 2 is missing")]
    [InlineData("UPDATE audit SET Hash = '' WHERE Id = 2", "row 2 was changed, or a row before it was")]
    public async Task The_database_refuses_a_change_and_the_chain_shows_one_that_was_forced(string sql, string problem)
    {
        for (var i = 0; i < 3; i++)
        {
            await audit.AddAsync("ann", "test", $"{i}", "why", default);
        }

        await using var db = database.CreateDbContext();
        var refused = await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => db.Database.ExecuteSqlRawAsync(sql));
        Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
        await db.Database.ExecuteSqlRawAsync("DROP TRIGGER audit_keeps_rows; DROP TRIGGER audit_keeps_values");
        await db.Database.ExecuteSqlRawAsync(sql);

        var verdict = await audit.VerifyAsync(default);
        Assert.Equal((false, problem), (verdict.Intact, verdict.Problem));
    }

    [Fact]
    public async Task Rows_are_filtered_by_who_what_and_plan()
    {
        await audit.AddAsync(new AuditEntry("ann", "plan-approved", "p", "", "7c1e"), default);
        await audit.AddAsync(new AuditEntry("bob", "plan-approved", "p", "", "99aa"), default);
        await audit.AddAsync("ann", "halted", "cluster", "", default);

        Assert.Equal(["7c1e"], (await audit.ListAsync(new AuditFilter("ann", "plan-approved"), 0, 10, default)).Select(r => r.Plan));
        Assert.Equal(["bob"], (await audit.ListAsync(new AuditFilter(Plan: "99"), 0, 10, default)).Select(r => r.By));
    }

    [Fact]
    public void A_row_of_csv_is_quoted_and_runs_no_formula() => Assert.Equal(
        "1,2026-03-02T12:00:00.0000000+00:00,ann,test,'=1+1,\"a \"\"b\"\", c\",,h",
        AuditTrail.Csv(new AuditRow { Id = 1, At = TestClock.Start, By = "ann", Action = "test", Subject = "=1+1", Detail = "a \"b\", c", Hash = "h" }));
}
