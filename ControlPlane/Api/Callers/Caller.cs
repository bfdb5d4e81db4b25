using System.Security.Claims;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Callers;

/// <summary>Who asks.</summary>
internal static class Caller
{
    /// <summary>Name for the audit: the person's, or "key name".</summary>
    public static string Of(HttpContext http) => http.User.Identity?.Name ?? "";

    /// <summary>The same with the person behind it.</summary>
    public static Actor ActorOf(HttpContext http) => new(Of(http), http.User.FindFirstValue(ApiKeyHandler.PersonClaim) ?? Of(http));
}
