using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Dashboard.Dialogs;

/// <summary>Asks for new limits of the moves. What is out of range is refused by the desk, whose words are shown.</summary>
public sealed partial class LimitsDialog
{
    private const double Mega = 1_000_000;

    private int moves;
    private double node;
    private double cluster;
    private string? failure;
    private bool busy;

    /// <summary>The limits in force.</summary>
    [Parameter]
    public MigrationLimits Limits { get; set; } = MigrationLimits.Default;

    /// <summary>Sets the limits; answers why it failed, or null.</summary>
    [Parameter]
    public Func<MigrationLimits, Task<string?>>? Do { get; set; }

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    private MigrationLimits Wanted => Limits with { MaxConcurrentMoves = moves, NodeBytesPerSecond = Bytes(node), ClusterBytesPerSecond = Bytes(cluster) };

    private ApiCall Call => new(
        "PATCH", "/api/v1/limits",
        JsonSerializer.Serialize(new { maxConcurrentMoves = moves, nodeBytesPerSecond = Bytes(node), clusterBytesPerSecond = Bytes(cluster) }));

    /// <inheritdoc/>
    protected override void OnInitialized() =>
        (moves, node, cluster) = (Limits.MaxConcurrentMoves, Limits.NodeBytesPerSecond / Mega, Limits.ClusterBytesPerSecond / Mega);

    private static long Bytes(double mega) => (long)Math.Clamp(mega * Mega, 0, 1e15);

    private async Task DoAsync()
    {
        busy = true;
        failure = Do is null ? null : await Do(Wanted);
        busy = false;
        if (failure is null)
        {
            Dialog.Close(DialogResult.Ok(true));
        }
    }
}
