namespace ShardConsole.ControlPlane.Api.Callers;

/// <summary>Who asks.</summary>
internal static class Caller
{
    /// <summary>Name for the audit: the person's, or "key name".</summary>
    public static string Of(HttpContext http) => http.User.Identity?.Name ?? "";
}
