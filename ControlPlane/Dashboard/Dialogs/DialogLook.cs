using MudBlazor;

namespace ShardConsole.ControlPlane.Dashboard.Dialogs;

/// <summary>How dialogs open: closed by Escape, as wide as a form.</summary>
internal static class DialogLook
{
    /// <summary>For forms and confirmations. A click beside it keeps what was typed.</summary>
    public static readonly DialogOptions Form = new() { CloseOnEscapeKey = true, BackdropClick = false, MaxWidth = MaxWidth.Small, FullWidth = true };
}
