namespace ShardConsole.Simulation;

/// <summary>What a run did.</summary>
internal sealed record RunSummary(int Begun, int Activated, int Aborted, int Restarts, int Answered, int Unknown, int RolledBack, int Replaced, int Wiped, int Returned, int Repaired, int Born, int Removed, int KilledNewborn, int WaitedForLevel);
