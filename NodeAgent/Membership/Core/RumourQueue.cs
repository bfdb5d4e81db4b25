using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// What is still to be passed on. At most one rumour of liveness and one payload per member: a newer one takes the place of the older one. Liveness goes first,
/// then what was sent least often, then the newest.
/// </summary>
internal sealed class RumourQueue(SwimOptions options)
{
    private readonly Dictionary<(NodeId Subject, bool IsPayload), Item> items = [];
    private readonly WireWriter measure = new();
    private long order;

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
        if (measure.Length > options.MaxRumourBytes)
        {
            items.Remove(key);
            return false;
        }

        items[key] = new Item(rumour, measure.Length, ++order);
        return true;
    }

    /// <summary>Whether a rumour of the member's liveness still waits.</summary>
    public bool HoldsLiveness(NodeId subject) => items.ContainsKey((subject, false));

    /// <summary>Forgets all that is said of a member.</summary>
    public void Remove(NodeId subject)
    {
        items.Remove((subject, false));
        items.Remove((subject, true));
    }

    /// <summary>Rumours for one datagram that together fit into <paramref name="bytes"/>; each is counted as sent once.</summary>
    public List<Rumour> Take(int bytes, int members)
    {
        var taken = new List<Rumour>();
        if (items.Count == 0)
        {
            return taken;
        }

        var limit = Transmissions(options, members);
        foreach (var (key, item) in items.OrderBy(i => i.Key.IsPayload).ThenBy(i => i.Value.Sent).ThenByDescending(i => i.Value.Order).ToList())
        {
            if (item.Bytes > bytes)
            {
                continue;
            }

            bytes -= item.Bytes;
            taken.Add(item.Rumour);
            if (++item.Sent >= limit)
            {
                items.Remove(key);
            }
        }

        return taken;
    }

    private sealed class Item(Rumour rumour, int bytes, long order)
    {
        public Rumour Rumour => rumour;

        public int Bytes => bytes;

        public long Order => order;

        public int Sent { get; set; }
    }
}
