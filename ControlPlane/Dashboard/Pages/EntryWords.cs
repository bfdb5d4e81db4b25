namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Sentences of the sign-in and welcome pages, and the one rule about where they lead.</summary>
internal static class EntryWords
{
    /// <summary>A path of this console, or "/" for anything else: a full address or "//host" would lead elsewhere.</summary>
    public static string SafeReturn(string? path) =>
        path is { Length: > 0 } && path[0] == '/' && (path.Length == 1 || (path[1] != '/' && path[1] != '\\')) && !path.Any(char.IsControl) ? path : "/";

    /// <summary>Why signing in failed; null when it has not been tried.</summary>
    public static string? SignInError(string? code) => code switch
    {
        null or "" => null,
        "locked" => "Too many tries. Wait a few minutes, then try again.",
        "expired" => "The session is over. Sign in again.",
        "disabled" => "This name is disabled. Ask an administrator.",
        "reset" => "The password is changed. Sign in with it.",
        "form" => "The form was too old. Send it again.",
        _ => "Name or password is wrong.",
    };

    /// <summary>Why creating the administrator failed; null when it has not been tried.</summary>
    /// <param name="code">Why, one word of the address.</param>
    /// <param name="shortestPassword">Security:MinPasswordLength.</param>
    public static string? WelcomeError(string? code, int shortestPassword) => code switch
    {
        null or "" => null,
        "code" => "This link is used or over. Start the control plane again: it prints a new one.",
        "done" => "There is an administrator already. Sign in instead.",
        "name" => "The name may hold letters, digits, dot, hyphen and underscore, 1 to 64 of them.",
        "password" => $"The password needs {shortestPassword} characters or more, at most 256.",
        "invalid" => $"The name may hold letters, digits, dot, hyphen and underscore; the password needs {shortestPassword} to 256 characters.",
        "form" => "The form was too old. Send it again.",
        _ => "The administrator could not be created. The control plane's log says why.",
    };

    /// <summary>Why a new password was not taken; null when it has not been tried.</summary>
    public static string? ResetError(string? code, int shortestPassword) => code switch
    {
        null or "" => null,
        "password" => $"The password needs {shortestPassword} characters or more, at most 256.",
        "form" => "The form was too old. Send it again.",
        _ => "This link is wrong, used or over. Ask an administrator for a new one.",
    };
}
