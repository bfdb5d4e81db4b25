using System.Collections.Immutable;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// When a segment was Owned, by index of the group's log. Replay needs it: an entry that clears several segments changes nothing where one of them was not Owned, and at that
/// entry another segment may already stand at a later index, because each is recovered from a checkpoint of its own.
/// </summary>
/// <param name="Changes">Ascending by index; from each on the segment is, or is not, Owned.</param>
internal sealed record OwnershipHistory(ImmutableArray<OwnershipChange> Changes)
{
    /// <summary>Changes that are kept: many times what can happen to one segment while the log holds its entries.</summary>
    public const int MaxChanges = 256;

    /// <summary>Never Owned.</summary>
    public static readonly OwnershipHistory Never = new([new OwnershipChange(0, false)]);

    /// <summary>Owned since genesis.</summary>
    public static readonly OwnershipHistory SinceGenesis = new([new OwnershipChange(0, true)]);

    /// <summary>Whether the segment was Owned when the entry at <paramref name="index"/> was about to be applied.</summary>
    /// <exception cref="InvalidOperationException">The index is before the oldest change that is kept.</exception>
    public bool WasOwnedBefore(ulong index)
    {
        for (var i = Changes.Length - 1; i >= 0; i--)
        {
            if (Changes[i].Index < index || Changes[i].Index == 0)
            {
                return Changes[i].Owned;
            }
        }

        throw new InvalidOperationException($"Whether the segment was owned before entry {index} is not known: its history begins at {Changes[0].Index}.");
    }

    /// <summary>The history after the entry at <paramref name="index"/> changed the ownership; itself where that is no change.</summary>
    public OwnershipHistory With(ulong index, bool owned)
    {
        if (Changes[^1].Owned == owned)
        {
            return this;
        }

        var next = Changes.Add(new OwnershipChange(index, owned));
        return new OwnershipHistory(next.Length > MaxChanges ? next.RemoveAt(0) : next);
    }
}

/// <summary>From <paramref name="Index"/> on, the segment is Owned or not.</summary>
internal readonly record struct OwnershipChange(ulong Index, bool Owned);
