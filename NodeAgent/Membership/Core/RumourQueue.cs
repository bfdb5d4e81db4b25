using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// What is still to be passed on. At most one rumour of liveness and one payload per member: a newer one takes the place of the older one. Liveness goes first,
/// then what was sent least often, then the newest.
/// </summary>
internal sealed class RumourQueue(SwimOptions options)
{
    private readonly Dictionary<(NodeId Subject, bool IsPayload), Item> items = [];

    // In the order in which they are taken: sorting a thousand of them for each datagram would be most of what gossip costs.
    private readonly SortedSet<Item> waiting = new(Turn.Instance);
    private readonly WireWriter measure = new();
    private long order;

    // No rumour that waits is smaller; behind it nothing fits any more.
    private int leastBytes = int.MaxValue;

    /// <summary>Rumours that wait.</summary>
    public int Count => items.Count;

    /// <summary>Times that a rumour is sent in a cluster of <paramref name="members"/>.</summary>
    public static int Transmissions(SwimOptions options, int members) =>
        options.RetransmitFactor * (int)Math.Ceiling(Math.Log10(Math.Max(1, members) + 1));

    /// <summary>Adds a rumour. False when it is too large for datagrams: only push/pull carries it.</summary>
    public bool Add(Rumour rumour)
    {
        measure.Reset();
        SwimCodec.Write(measure, rumour);
        var key = (rumour.Subject, rumour is PayloadRumour);
        Remove(key);
        if (measure.Length > options.MaxRumourBytes)
        {
            return false;
        }

        leastBytes = waiting.Count == 0 ? measure.Length : Math.Min(leastBytes, measure.Length);
        var item = items[key] = new Item(rumour, measure.Length, ++order);
        waiting.Add(item);
        return true;
    }

    /// <summary>Whether a rumour of the member's liveness still waits.</summary>
    public bool HoldsLiveness(NodeId subject) => items.ContainsKey((subject, false));

    /// <summary>Forgets all that is said of a member.</summary>
    public void Remove(NodeId subject)
    {
        Remove((subject, false));
        Remove((subject, true));
    }

    /// <summary>Rumours for one datagram that together fit into <paramref name="bytes"/>; each is counted as sent once.</summary>
    public List<Rumour> Take(int bytes, int members)
    {
        var taken = new List<Item>();
        foreach (var item in waiting)
        {
            if (bytes < leastBytes)
            {
                break;
            }

            if (item.Bytes <= bytes)
            {
                bytes -= item.Bytes;
                taken.Add(item);
            }
        }

        var limit = Transmissions(options, members);
        foreach (var item in taken)
        {
            waiting.Remove(item);
            if (++item.Sent < limit)
            {
                waiting.Add(item);
            }
            else
            {
                items.Remove((item.Rumour.Subject, item.IsPayload));
            }
        }

        return taken.ConvertAll(i => i.Rumour);
    }

    private void Remove((NodeId Subject, bool IsPayload) key)
    {
        if (items.Remove(key, out var item))
        {
            waiting.Remove(item);
        }
    }

    /// <summary>Whose turn it is. No two items are equal, since each has an order of its own.</summary>
    private sealed class Turn : IComparer<Item>
    {
        public static readonly Turn Instance = new();

        public int Compare(Item? x, Item? y)
        {
            var (a, b) = (x!, y!);
            return a.IsPayload != b.IsPayload ? a.IsPayload.CompareTo(b.IsPayload)
                : a.Sent != b.Sent ? a.Sent.CompareTo(b.Sent)
                : b.Order.CompareTo(a.Order);
        }
    }

    private sealed class Item(Rumour rumour, int bytes, long order)
    {
        public Rumour Rumour => rumour;

        public bool IsPayload { get; } = rumour is PayloadRumour;

        public int Bytes => bytes;

        public long Order => order;

        /// <summary>Part of the order: changed only while the item is taken out of it.</summary>
        public int Sent { get; set; }
    }
}
