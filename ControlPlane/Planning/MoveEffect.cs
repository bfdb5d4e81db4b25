namespace ShardConsole.ControlPlane.Planning;

/// <summary>Effect of a move that was only looked at.</summary>
/// <param name="Gain">Excess removed, minutes × ratio; negative when others get more than this one loses.</param>
/// <param name="Fullest">Largest peak ÷ limit among those that take load on.</param>
/// <param name="Harmed">Who would be pushed over its limit; null when nobody is.</param>
/// <param name="HarmStep">In which step.</param>
/// <param name="HarmScore">To what, mcore.</param>
internal readonly record struct MoveEffect(double Gain, double Fullest, Limited? Harmed, int HarmStep, double HarmScore);
