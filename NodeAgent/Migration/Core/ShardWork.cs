namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>What a shard's leader owes to the world: nothing of it must happen, all of it is repeated while it is needed.</summary>
/// <param name="Proposals">Entries for the own group's log; raise their time by <see cref="ShardEntryCodec.RaiseTime"/>, then propose in this order. A refused one is forgotten.</param>
/// <param name="Messages">For the leaders of other groups, or of M, in this order.</param>
/// <param name="Alarms">Sentences for the operator.</param>
/// <param name="Decided">Who owns a segment is known anew: clients that are held for it should look again.</param>
internal sealed record ShardWork(IReadOnlyList<byte[]> Proposals, IReadOnlyList<ShardMessage> Messages, IReadOnlyList<string> Alarms, bool Decided)
{
    public static readonly ShardWork None = new([], [], [], false);

    public bool IsEmpty => Proposals.Count + Messages.Count + Alarms.Count == 0 && !Decided;
}

/// <summary>Runs an action while the segment is locked: drivers lock, tests call.</summary>
internal delegate void SegmentHold(SegmentReplica segment, Action<SegmentReplica> action);
