using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Forecasting.Events;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Calendar;

/// <summary>The calendar of events and the proposals for it, kept in the database; each change is audited with the row that it changes. Safe for concurrent use.</summary>
internal sealed class EventDesk(IDbContextFactory<ControlPlaneDb> dbs, AuditTrail audit, DataFolder folder, TimeProvider time) : IEventDesk
{
    /// <summary>Events that a calendar may hold.</summary>
    public const int MaxEvents = 1000;

    /// <summary>Proposals that are listed, the newest first.</summary>
    public const int MaxProposals = 200;

    private const string Open = "open";
    private const int NextShown = 3;
    private static readonly TimeSpan LookAhead = TimeSpan.FromDays(93);

    private int SegmentCount => folder.SegmentCount > 0 ? folder.SegmentCount : Slot.Count;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EventView>> ListAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var rows = await db.Events.AsNoTracking().OrderBy(e => e.Id).ToListAsync(cancellation);
        return [.. rows.Select(row => View(row, now))];
    }

    /// <summary>All events as the forecast takes them.</summary>
    public async Task<IReadOnlyList<ScopedEvent>> EventsAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var rows = await db.Events.AsNoTracking().OrderBy(e => e.Id).ToListAsync(cancellation);
        return [.. rows.Select(row => EventCheck.Read(row, SegmentCount)).OfType<ScopedEvent>()];
    }

    /// <inheritdoc/>
    public async Task<Outcome> AddAsync(EventInput input, string by, CancellationToken cancellation)
    {
        if (EventCheck.Problem(input, SegmentCount) is { } problem)
        {
            return new Outcome("invalid", problem);
        }

        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (await db.Events.CountAsync(cancellation) >= MaxEvents)
        {
            return new Outcome("conflict", $"The calendar holds {MaxEvents} events, which is its limit. Remove one that is past.");
        }

        var row = new EventRow();
        Set(row, input, by);
        return await SaveNewAsync(db, row, "event-added", cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> ChangeAsync(long id, EventInput input, string by, CancellationToken cancellation)
    {
        if (EventCheck.Problem(input, SegmentCount) is { } problem)
        {
            return new Outcome("invalid", problem);
        }

        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (await db.Events.FirstOrDefaultAsync(e => e.Id == id, cancellation) is not { } row)
        {
            return NoEvent(id);
        }

        Set(row, input, by);
        await audit.SaveWithAsync(db, [new AuditEntry(by, "event-changed", $"event {Text(id)}", Words(row))], cancellation);
        return new Outcome(null, $"Event \"{row.Name}\" is changed.", Text(id));
    }

    /// <inheritdoc/>
    public async Task<Outcome> RemoveAsync(long id, string by, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (await db.Events.FirstOrDefaultAsync(e => e.Id == id, cancellation) is not { } row)
        {
            return NoEvent(id);
        }

        db.Events.Remove(row);
        await audit.SaveWithAsync(db, [new AuditEntry(by, "event-removed", $"event {Text(id)}", Words(row))], cancellation);
        return new Outcome(null, $"Event \"{row.Name}\" is removed.", Text(id));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EventProposalView>> ProposalsAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var rows = await db.EventProposals.AsNoTracking().OrderByDescending(p => p.Id).Take(MaxProposals).ToListAsync(cancellation);
        return [.. rows.Select(p => new EventProposalView(p.Id, p.Rule, p.LengthSeconds / 60.0, p.Scope, p.Factor, p.Seen, p.Due, p.State, p.FoundAt))];
    }

    /// <inheritdoc/>
    public async Task<Outcome> AcceptAsync(long id, string by, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var (proposal, refusal) = await OpenAsync(db, id, cancellation);
        if (proposal is null)
        {
            return refusal!;
        }

        proposal.State = "accepted";
        var row = new EventRow();
        Set(row, new EventInput($"Recurring spike, {proposal.Rule}", proposal.Rule, proposal.LengthSeconds / 60.0, "UTC", proposal.Scope, null), by);
        row.FactorInForce = proposal.Factor;
        return await SaveNewAsync(db, row, "event-proposal-accepted", cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> DismissAsync(long id, string by, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var (proposal, refusal) = await OpenAsync(db, id, cancellation);
        if (proposal is null)
        {
            return refusal!;
        }

        proposal.State = "dismissed";
        await audit.SaveWithAsync(db, [new AuditEntry(by, "event-proposal-dismissed", $"proposal {Text(id)}", $"{proposal.Rule}, {proposal.Scope}")], cancellation);
        return new Outcome(null, $"The proposal \"{proposal.Rule}\" is dismissed; it is not made again.", Text(id));
    }

    /// <summary>Keeps what an event multiplies the load by, as its occurrences say.</summary>
    public async Task LearnAsync(long id, double factor, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await db.Events.Where(e => e.Id == id).ExecuteUpdateAsync(s => s.SetProperty(e => e.FactorInForce, (double?)factor), cancellation);
    }

    /// <summary>Adds what was found; a rule that was proposed for the same scope before, whatever became of it, is not proposed again.</summary>
    public async Task ProposeAsync(string scope, IReadOnlyList<EventProposal> found, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        foreach (var proposal in found)
        {
            var rule = proposal.Rule.ToString();
            if (!await db.EventProposals.AnyAsync(p => p.Rule == rule && p.Scope == scope, cancellation))
            {
                db.EventProposals.Add(new EventProposalRow
                {
                    Rule = rule, LengthSeconds = (long)proposal.Length.TotalSeconds, Scope = scope, Factor = proposal.Factor, Seen = proposal.Seen, Due = proposal.Due, State = Open, FoundAt = now,
                });
            }
        }

        await db.SaveChangesAsync(cancellation);
    }

    private static async Task<(EventProposalRow? Row, Outcome? Refusal)> OpenAsync(ControlPlaneDb db, long id, CancellationToken cancellation)
    {
        var row = await db.EventProposals.FirstOrDefaultAsync(p => p.Id == id, cancellation);
        return row is null ? (null, new Outcome("not-found", $"There is no proposal {Text(id)}."))
            : row.State != Open ? (null, new Outcome("conflict", $"Proposal {Text(id)} is {row.State} already."))
            : (row, null);
    }

    private static Outcome NoEvent(long id) => new("not-found", $"There is no event {Text(id)}.");

    private static string Words(EventRow row) => string.Create(
        CultureInfo.InvariantCulture, $"{row.Name}: {row.Rule} ({row.Zone}), {row.LengthSeconds / 60.0:0.#} min, {row.Scope}, factor {(row.Factor is { } f ? f : "learnt")}");

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private async Task<Outcome> SaveNewAsync(ControlPlaneDb db, EventRow row, string action, CancellationToken cancellation)
    {
        // The id is drawn here, so that the audit can name it within the same transaction.
        row.Id = (await db.Events.MaxAsync(e => (long?)e.Id, cancellation) ?? 0) + 1;
        db.Events.Add(row);
        await audit.SaveWithAsync(db, [new AuditEntry(row.By, action, $"event {Text(row.Id)}", Words(row))], cancellation);
        return new Outcome(null, $"Event \"{row.Name}\" is in the calendar.", Text(row.Id));
    }

    private void Set(EventRow row, EventInput input, string by)
    {
        _ = EventRule.TryParse(input.Rule, out var rule);
        (row.Name, row.Rule, row.LengthSeconds, row.Zone, row.Scope) = (input.Name, rule.ToString(), (long)Math.Max(1, Math.Round(input.Minutes * 60)), input.Zone, input.Scope.Trim());
        (row.Factor, row.FactorInForce, row.By, row.ChangedAt) = (input.Factor, input.Factor, by, time.GetUtcNow());
    }

    private EventView View(EventRow row, DateTimeOffset now)
    {
        var read = EventCheck.Read(row, SegmentCount);
        IReadOnlyList<DateTimeOffset> next = read is null ? [] : [.. read.Event.Rule.Beginnings(now, now + LookAhead, read.Event.Zone).Take(NextShown)];
        return new EventView(
            row.Id, row.Name, row.Rule, row.LengthSeconds / 60.0, row.Zone, row.Scope, row.Factor, row.FactorInForce, next, read?.Scope.Segments?.Count, row.By, row.ChangedAt);
    }
}
