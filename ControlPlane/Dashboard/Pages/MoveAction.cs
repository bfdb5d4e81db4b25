using System.Text.Json;
using MudBlazor;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>What a person may do with a migration, in words: when it is allowed, why not, what happens, how to undo it.</summary>
/// <param name="Verb">"Pause", for "Pause the move of 427".</param>
/// <param name="Done">"Paused".</param>
/// <param name="IsDestructive">It takes something away.</param>
internal sealed record MoveAction(MoveChange Change, string Verb, string Done, string Icon, bool IsDestructive)
{
    private static readonly MoveAction Pause = new(MoveChange.Pause, "Pause", "Paused", Icons.Material.Outlined.Pause, false);
    private static readonly MoveAction Resume = new(MoveChange.Resume, "Resume", "Resumed", Icons.Material.Outlined.PlayArrow, false);
    private static readonly MoveAction Cancel = new(MoveChange.Cancel, "Cancel", "Cancelled", Icons.Material.Outlined.Close, true);
    private static readonly MoveAction Rollback = new(MoveChange.Rollback, "Roll back", "Rolling back", Icons.Material.Outlined.Undo, true);
    private static readonly MoveAction Finish = new(MoveChange.Finish, "Finish", "Finished", Icons.Material.Outlined.Done, true);

    /// <summary>The actions of a migration, the same places in every row: pause or resume, then cancel; once the segment has moved, roll back and finish.</summary>
    public static IReadOnlyList<MoveAction> Of(MigrationStatus status) =>
        status.Phase.IsEnded() ? [] : status.Phase >= MigrationPhase.Retaining ? [Rollback, Finish] : [status.Paused ? Resume : Pause, Cancel];

    /// <summary>Why it is not possible now; null where it is.</summary>
    public string? WhyNot(MigrationStatus m) => Change switch
    {
        MoveChange.Pause => m.Phase.CanPause() ? null : "It is being cut over: that takes milliseconds.",
        MoveChange.Cancel => m.Phase.CanCancel() ? null : "Past commit: it cannot be cancelled any more.",
        MoveChange.Rollback or MoveChange.Finish => m.Phase.IsRetained() ? null
            : m.Phase == MigrationPhase.Cleaning ? "Past retention: the former copy is being dropped. A new plan moves the segment back." : $"It is {m.Phase.Label().ToLowerInvariant()} already.",
        _ => null,
    };

    /// <summary>"Pause the move of segment 427".</summary>
    public string Title(MigrationStatus m) => $"{Verb} the move of segment {m.Segment}";

    /// <summary>What happens, in order.</summary>
    public string[] Happens(MigrationStatus m) => Change switch
    {
        MoveChange.Pause => [$"Copying segment {m.Segment} to {m.To} stops where it is, after {Show.Bytes(m.CopiedBytes)} of {Show.Bytes(m.TotalBytes)}.", "Writes still go to both sides, so nothing is copied twice.", "It keeps its place among the moves at once."],
        MoveChange.Resume => [$"Copying segment {m.Segment} goes on from {Show.Bytes(m.CopiedBytes)}."],
        MoveChange.Cancel => [$"Copying segment {m.Segment} from {m.From} to {m.To} stops.", $"{m.To} drops the {Show.Bytes(m.CopiedBytes)} that it has received.", $"{m.From} goes on serving; the other moves of the plan go on."],
        MoveChange.Rollback => [$"{m.From} gets what was written since the cut-over, and is compared with {m.To}.", $"Segment {m.Segment} changes its owner back to {m.From}, in a migration of its own.", $"{m.To} drops its copy."],
        _ => [$"{m.From} drops its copy of segment {m.Segment}, {Show.Bytes(m.TotalBytes)}, now.", "The place among the moves at once is free for the next one."],
    };

    /// <summary>What clients notice.</summary>
    public string Clients(MigrationStatus m) => Change switch
    {
        MoveChange.Cancel when m.Phase == MigrationPhase.CuttingOver => "Commands that are held now are answered by the source.",
        MoveChange.Rollback => "Commands for the segment wait for some milliseconds while it changes its owner.",
        _ => "Nothing.",
    };

    /// <summary>How to undo it.</summary>
    public string Undo() => Change switch
    {
        MoveChange.Pause => "Resume it at any time.",
        MoveChange.Resume => "Pause it again until it is cut over.",
        MoveChange.Finish => "It cannot be undone: the segment goes back with a new plan only.",
        _ => "Move the segment with a new plan.",
    };

    /// <summary>The call that does the same.</summary>
    public ApiCall Call(MigrationStatus m) => new("POST", $"/api/v1/migrations/{m.Id}/{Change.ToString().ToLowerInvariant()}", JsonSerializer.Serialize(new { reason = "…" }));
}
