using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>
/// Error replies that say what became of a command.
/// <list type="table">
/// <listheader><term>First word</term><description>Fate of the command</description></listheader>
/// <item><term>MOVED</term><description>Certainly not executed: another node leads the slot's segment.</description></item>
/// <item><term>TRYAGAIN</term><description>Certainly not executed: the segment is changing its owner, or the group's queue is full; send it again.</description></item>
/// <item><term>CLUSTERDOWN</term><description>Certainly not executed: there is no map, or nobody is known to lead.</description></item>
/// <item><term>CROSSSLOT, ERR, WRONGTYPE, NOAUTH, WRONGPASS, NOPROTO</term><description>Certainly not executed: the command itself is wrong, or not allowed.</description></item>
/// <item><term>OOM</term><description>Certainly not executed: the memory limit is reached.</description></item>
/// <item><term>MISCONF</term><description>Certainly not executed: the node's disk is full or failed; reads go on.</description></item>
/// <item><term>UNKNOWN</term><description>May or may not be executed, now or a moment later: it was in the log when leadership changed. Read before sending it again, unless sending it twice does no harm.</description></item>
/// <item><term>no reply, connection lost</term><description>May or may not be executed.</description></item>
/// </list>
/// </summary>
internal static class Replies
{
    public const string CrossSlot = "CROSSSLOT Keys in request don't hash to the same slot";
    public const string NoMap = "CLUSTERDOWN Hash slot not served";
    public const string NoLeader = "CLUSTERDOWN The cluster is down";
    public const string TryAgain = "TRYAGAIN The slot's segment is changing its owner; the command was not executed";
    public const string Busy = "TRYAGAIN The shard has too many commands under way; the command was not executed";
    public const string StorageFailed = "MISCONF Errors writing to disk: commands that may modify the data set are disabled on this node; the command was not executed";
    public const string OutOfMemory = "OOM command not allowed when used memory > 'maxmemory'.";
    public const string Unknown = "UNKNOWN leadership changed while the command was under way; it may or may not have been executed";

    /// <summary>Some shards were cleared and others not.</summary>
    public const string PartlyFlushed = "UNKNOWN some shards of this node were cleared before one refused or changed its leader; send the command again";

    public static string Moved(int slot, NodeAddresses address) => $"MOVED {slot} {address.Host}:{address.ClientPort}";

    /// <summary>Text of an outcome that is an error and whose text needs nothing else to be known; null for the others.</summary>
    public static string? Of(ProposalOutcome outcome) => outcome switch
    {
        ProposalOutcome.Busy => Busy,
        ProposalOutcome.StorageFailed => StorageFailed,
        ProposalOutcome.OutOfMemory => OutOfMemory,
        ProposalOutcome.Unknown => Unknown,
        _ => null,
    };
}
