namespace ShardConsole.ControlPlane.Security;

/// <summary>The three roles, each of which may do what the one before may. Persisted with users and keys, never rename. Policies have the roles' names.</summary>
internal static class Roles
{
    /// <summary>Sees everything, changes nothing.</summary>
    public const string Viewer = "viewer";

    /// <summary>Also approves plans, cancels migrations, halts, imports.</summary>
    public const string Operator = "operator";

    /// <summary>Also manages users, keys, policies and settings.</summary>
    public const string Administrator = "administrator";

    /// <summary>From the least to the most.</summary>
    public static readonly IReadOnlyList<string> All = [Viewer, Operator, Administrator];

    /// <summary>The roles that may do what <paramref name="role"/> may.</summary>
    public static IEnumerable<string> AtLeast(string role) => All.SkipWhile(r => r != role);

    /// <summary>True for one of the three.</summary>
    public static bool IsRole(string? role) => role is not null && All.Contains(role);
}
