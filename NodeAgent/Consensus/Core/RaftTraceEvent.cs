namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// One event of a core and its state right after it: InitState, BecomeFollower, BecomePreCandidate, BecomeCandidate, BecomeLeader, Replicate (the leader appends an entry),
/// ChangeConf (one that changes the configuration), Commit (the commit index has risen), ApplyConfChange, Send and Receive (state before the message is acted on).
/// </summary>
/// <param name="Name">The event.</param>
/// <param name="LogLength">Last index of the log.</param>
/// <param name="Message">Of Send and Receive; else null.</param>
internal sealed record RaftTraceEvent(
    string Name, ulong Node, ulong Term, ulong Vote, ulong Commit, RaftRole Role, ulong LogLength, ConfigurationState Configuration, RaftMessage? Message);
