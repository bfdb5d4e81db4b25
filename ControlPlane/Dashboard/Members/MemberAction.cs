using System.Text.Json;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Members;

/// <summary>What a person may ask of a member.</summary>
internal enum MemberVerb
{
    Drain,
    DrainAndLeave,
    EndDrain,
    Leave,
    Remove,
    Fill,
}

/// <summary>An action on a member in words: when it is offered, what happens, how to undo it.</summary>
/// <param name="Label">Of the button: "Drain and let leave".</param>
/// <param name="Done">"Drains".</param>
/// <param name="IsDestructive">It takes something away.</param>
internal sealed record MemberAction(MemberVerb Verb, string Label, string Done, bool IsDestructive)
{
    private static readonly MemberAction Drain = new(MemberVerb.Drain, "Drain", "Drains", false);
    private static readonly MemberAction DrainAndLeave = new(MemberVerb.DrainAndLeave, "Drain and let leave", "Drains", true);
    private static readonly MemberAction EndDrain = new(MemberVerb.EndDrain, "End the drain", "Ended the drain of", false);
    private static readonly MemberAction Leave = new(MemberVerb.Leave, "Let it leave", "Let leave", true);
    private static readonly MemberAction Remove = new(MemberVerb.Remove, "Remove", "Removes", true);
    private static readonly MemberAction Fill = new(MemberVerb.Fill, "Give it its share", "Fills", false);

    /// <summary>The actions that a member's stage and state allow, the likely one first.</summary>
    public static IReadOnlyList<MemberAction> Of(MemberRow member) => member switch
    {
        { Stage: MemberStage.Joining or MemberStage.Left } => [],
        { Stage: MemberStage.Drained } => [Leave, EndDrain],
        { Stage: MemberStage.Draining } => [EndDrain],
        { State: "dead" or "unknown" } => [Remove],
        { Stage: MemberStage.Empty } => [Fill, Leave, Drain],
        { Stage: MemberStage.Filling } => [Drain, DrainAndLeave],
        _ => member.Replicas < member.Share ? [Fill, Drain, DrainAndLeave] : [Drain, DrainAndLeave],
    };

    /// <summary>"Drain n3".</summary>
    public string Title(MemberRow m) => Verb switch
    {
        MemberVerb.DrainAndLeave => $"Drain {m.Name} and let it leave",
        MemberVerb.EndDrain => $"End the drain of {m.Name}",
        MemberVerb.Leave => $"Let {m.Name} leave",
        MemberVerb.Remove => $"Remove {m.Name}",
        MemberVerb.Fill => $"Give {m.Name} its share",
        _ => $"Drain {m.Name}",
    };

    /// <summary>What happens, in order.</summary>
    /// <param name="plan">Of a filling: what moves.</param>
    public string[] Happens(MemberRow m, MembershipPlan? plan) => Verb switch
    {
        MemberVerb.Drain or MemberVerb.DrainAndLeave =>
        [
            $"The {Show.Of(m.Leads, "shard")} that {m.Name} leads go with it: a plan of kind membership that moves their segments to others is proposed, and each is removed when it is empty.",
            $"{m.Name} gets no new replicas. Those that it follows with{(m.InMetaGroup ? ", and that of the meta group," : "")} go to members of other zones first and to those that hold the fewest; at most 8 groups at a time.",
            Verb == MemberVerb.Drain ? $"{m.Name} stays a member and may leave when it is empty." : $"When it holds nothing, {m.Name} leaves the cluster by itself.",
        ],
        MemberVerb.EndDrain => [$"What is under way goes back to {m.Name}.", "What has moved already stays where it is.", $"{m.Name} may get replicas again."],
        MemberVerb.Leave => [$"{m.Name} holds no replica: it is struck from the member list.", "Its process may be stopped then; nodes of a local cluster are stopped by themselves."],
        MemberVerb.Remove =>
        [
            $"The {Show.Of(m.Replicas, "replica")} of {m.Name} are made anew on other members from those that live, without waiting for the grace time.",
            $"When it holds nothing, {m.Name} leaves the cluster. If it comes back it gives up its copies.",
        ],
        _ => plan is null || plan.Moves.Count == 0 ? [$"{m.Name} holds its share already."] :
        [
            $"{m.Name} takes over {Show.Of(plan.Moves.Count, "replica")}, {plan.Moves.Count(x => x.TakesLead)} of them leaders, {Show.Bytes(plan.Bytes)} in all.",
            .. plan.Moves.Take(6).Select(x => $"{x.Shard}: {x.From} → {x.To}{(x.TakesLead ? ", leads" : "")}. {x.Reason}"),
            .. plan.Moves.Count > 6 ? new[] { $"{plan.Moves.Count - 6} more; the call below lists all." } : [],
        ],
    };

    /// <summary>What clients notice.</summary>
    public string Clients(MemberRow m) => Verb is MemberVerb.Leave or MemberVerb.Remove
        ? "Nothing."
        : $"Where a shard changes its leader commands wait for some milliseconds; clients that are sent on (MOVED) ask the new one. Nothing acknowledged is lost.";

    /// <summary>How to undo it.</summary>
    public string Undo(MemberRow m) => Verb switch
    {
        MemberVerb.Drain => "End the drain at any time; what the plan has moved is taken back by a plan of its own.",
        MemberVerb.DrainAndLeave => $"End the drain until {m.Name} is empty. After that it joins again with an empty folder only.",
        MemberVerb.EndDrain => "Drain it again.",
        MemberVerb.Fill => "Cancel its changes one by one while they are under way, or replace replicas back.",
        MemberVerb.Remove => $"End the drain until {m.Name} is empty.",
        _ => "It joins again with an empty folder only.",
    };

    /// <summary>The call that does the same.</summary>
    public ApiCall Call(MemberRow m)
    {
        var path = $"/api/v1/members/{Uri.EscapeDataString(m.Name)}";
        return Verb switch
        {
            MemberVerb.EndDrain => new ApiCall("DELETE", $"{path}/drain?reason=…"),
            MemberVerb.Drain or MemberVerb.DrainAndLeave => new ApiCall("POST", $"{path}/drain", JsonSerializer.Serialize(new { reason = "…", thenLeave = Verb == MemberVerb.DrainAndLeave })),
            _ => new ApiCall("POST", $"{path}/{Verb.ToString().ToLowerInvariant()}", JsonSerializer.Serialize(new { reason = "…" })),
        };
    }

    /// <summary>Does it; answers how it went.</summary>
    public Task<Outcome> DoAsync(IMemberDesk desk, MemberRow m, string by, string reason, CancellationToken cancellation) => Verb switch
    {
        MemberVerb.Drain or MemberVerb.DrainAndLeave => desk.DrainAsync(m.Id, Verb == MemberVerb.DrainAndLeave, by, reason, cancellation),
        MemberVerb.EndDrain => desk.CancelDrainAsync(m.Id, by, reason, cancellation),
        MemberVerb.Leave => desk.LeaveAsync(m.Id, by, reason, cancellation),
        MemberVerb.Remove => desk.RemoveAsync(m.Id, by, reason, cancellation),
        _ => desk.FillAsync(m.Id, by, reason, cancellation),
    };
}
