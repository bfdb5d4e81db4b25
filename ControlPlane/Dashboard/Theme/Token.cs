namespace ShardConsole.ControlPlane.Dashboard.Theme;

/// <summary>One colour of the console in both themes. The CSS variable is <c>--</c> + <paramref name="Name"/>.</summary>
/// <param name="Name">Lower case, words joined by hyphens.</param>
/// <param name="Dark">"#RRGGBB" of the dark theme.</param>
/// <param name="Light">"#RRGGBB" of the light theme.</param>
internal sealed record Token(string Name, string Dark, string Light);
