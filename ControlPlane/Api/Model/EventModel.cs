namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>What an event is to be.</summary>
/// <param name="Rule">"once 2026-03-01 18:00", "daily 09:00", "weekly friday 18:00", "monthly 1 00:00" or "monthly last 20:00", local time of the zone.</param>
/// <param name="Scope">"all", "segments 3,7-9" or "keys {sale}*".</param>
/// <param name="Factor">What the load is multiplied by; null: learn it from its occurrences.</param>
internal sealed record EventInput(string Name, string Rule, double Minutes, string Zone, string Scope, double? Factor);

/// <summary>An event of the calendar.</summary>
/// <param name="Factor">As announced; null: it is learnt.</param>
/// <param name="FactorInForce">What the next occurrence is expected with; null while nothing is known of it.</param>
/// <param name="Next">Beginnings of the next occurrences, model time, three at most.</param>
/// <param name="Segments">Segments that it concerns; null: all.</param>
internal sealed record EventView(
    long Id, string Name, string Rule, double Minutes, string Zone, string Scope, double? Factor, double? FactorInForce, IReadOnlyList<DateTimeOffset> Next, int? Segments,
    string By, DateTimeOffset ChangedAt);

/// <summary>A recurring spike that was found.</summary>
/// <param name="Seen">Occurrences seen.</param>
/// <param name="Due">Occurrences that the rule would have had.</param>
/// <param name="State">"open", "accepted" or "dismissed".</param>
internal sealed record EventProposalView(long Id, string Rule, double Minutes, string Scope, double Factor, int Seen, int Due, string State, DateTimeOffset FoundAt);

/// <summary>The calendar of events.</summary>
internal interface IEventDesk
{
    /// <summary>All events, by id.</summary>
    /// <param name="now">Model time from which on the next occurrences are told.</param>
    Task<IReadOnlyList<EventView>> ListAsync(DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Adds an event. Id of the outcome is the event's.</summary>
    Task<Outcome> AddAsync(EventInput input, string by, CancellationToken cancellation);

    /// <summary>Replaces what an event is; what was learnt of its factor begins anew.</summary>
    Task<Outcome> ChangeAsync(long id, EventInput input, string by, CancellationToken cancellation);

    /// <summary>Removes an event.</summary>
    Task<Outcome> RemoveAsync(long id, string by, CancellationToken cancellation);

    /// <summary>Proposals, the newest first.</summary>
    Task<IReadOnlyList<EventProposalView>> ProposalsAsync(CancellationToken cancellation);

    /// <summary>Takes an open proposal into the calendar. Id of the outcome is the event's.</summary>
    Task<Outcome> AcceptAsync(long id, string by, CancellationToken cancellation);

    /// <summary>Dismisses an open proposal: it is not made again.</summary>
    Task<Outcome> DismissAsync(long id, string by, CancellationToken cancellation);
}
