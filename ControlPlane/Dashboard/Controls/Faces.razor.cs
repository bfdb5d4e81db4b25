using Microsoft.AspNetCore.Components;

namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>Shows one of four faces: error (with the last good data greyed), loading, empty, data.</summary>
public sealed partial class Faces
{
    /// <summary>What is shown, for sentences: "Plans".</summary>
    [Parameter]
    [EditorRequired]
    public string What { get; set; } = "";

    /// <summary>Whether data have ever been loaded.</summary>
    [Parameter]
    public bool Loaded { get; set; }

    /// <summary>Why the newest load failed; null when it did not.</summary>
    [Parameter]
    public string? Error { get; set; }

    /// <summary>"as of 03:02", for the data shown under an error.</summary>
    [Parameter]
    public string? AsOf { get; set; }

    /// <summary>Whether there is nothing to show.</summary>
    [Parameter]
    public bool Empty { get; set; }

    /// <summary>Whether empty is good news.</summary>
    [Parameter]
    public bool AllWell { get; set; }

    /// <summary>Head of the empty face.</summary>
    [Parameter]
    public string EmptyTitle { get; set; } = "";

    /// <summary>One sentence why it is empty.</summary>
    [Parameter]
    public string EmptyText { get; set; } = "";

    /// <summary>One action of the empty face.</summary>
    [Parameter]
    public RenderFragment? EmptyAction { get; set; }

    /// <summary>Lines of the loading face: those of the final shape.</summary>
    [Parameter]
    public int Lines { get; set; } = 6;

    /// <summary>Loads again.</summary>
    [Parameter]
    public EventCallback Retry { get; set; }

    /// <summary>The data.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }
}
