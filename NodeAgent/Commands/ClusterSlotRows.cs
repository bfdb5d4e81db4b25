using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>Rows of CLUSTER that look at the keys of slots: COUNTKEYSINSLOT, GETKEYSINSLOT, SLOT-STATS. They see what this node leads.</summary>
internal static class ClusterSlotRows
{
    private const string InvalidSlot = "ERR Invalid or out of range slot";

    public static IEnumerable<CommandSpec> Rows =>
    [
        Row("countkeysinslot", 3, "3.0.0", "Returns the number of keys in a hash slot.", CountKeys),
        Row("getkeysinslot", 4, "3.0.0", "Returns the key names in a hash slot.", GetKeys),
        Row("slot-stats", -4, "8.0.0", "Return an array of slot usage statistics for slots assigned to the current node.", SlotStats),
    ];

    private static CommandSpec Row(string name, int arity, string since, string summary, NodeCommand answer) => new()
    {
        Name = "cluster|" + name, Arity = arity, Since = since, Summary = summary, Group = "cluster", Complexity = "O(N)",
        Flags = CommandFlags.Stale | CommandFlags.Slow, Node = answer,
    };

    private static NodeVerdict CountKeys(ClientContext client, CommandArgs args, RespWriter reply)
    {
        if (!RespNumber.TryParseInteger(args[2], out var slot))
        {
            reply.Error(Errors.NotInteger);
            return NodeVerdict.Replied;
        }

        if (slot is < 0 or >= Slot.Count)
        {
            reply.Error("ERR Invalid slot");
            return NodeVerdict.Replied;
        }

        var count = 0L;
        var verdict = VisitSlot(client, (int)slot, reply, (ReadOnlySpan<byte> _, in StoredValue _) =>
        {
            count++;
            return true;
        }, out var answered);
        if (verdict == NodeVerdict.Replied && !answered)
        {
            reply.Integer(count);
        }

        return verdict;
    }

    private static NodeVerdict GetKeys(ClientContext client, CommandArgs args, RespWriter reply)
    {
        if (!RespNumber.TryParseInteger(args[2], out var slot) || !RespNumber.TryParseInteger(args[3], out var limit))
        {
            reply.Error(Errors.NotInteger);
            return NodeVerdict.Replied;
        }

        if (slot is < 0 or >= Slot.Count || limit < 0)
        {
            reply.Error("ERR Invalid slot or number of keys");
            return NodeVerdict.Replied;
        }

        var keys = new List<byte[]>();
        var verdict = VisitSlot(client, (int)slot, reply, (ReadOnlySpan<byte> key, in StoredValue _) =>
        {
            if (keys.Count < limit)
            {
                keys.Add(key.ToArray());
            }

            return keys.Count < limit;
        }, out var answered);
        if (verdict == NodeVerdict.Replied && !answered)
        {
            reply.Array(keys.Count);
            foreach (var key in keys)
            {
                reply.Bulk(key);
            }
        }

        return verdict;
    }

    private static NodeVerdict VisitSlot(ClientContext client, int slot, RespWriter reply, KeyVisitor visit, out bool answered)
    {
        var map = client.Services.View.Map;
        if (map.SegmentCount == 0)
        {
            answered = false;
            return NodeVerdict.Replied;
        }

        var wanted = map.SegmentOf(slot);
        return LedSegments.Visit(client, wanted, s => s == wanted, (_, table, _) =>
        {
            table.ScanAll((ReadOnlySpan<byte> key, in StoredValue value) => Slot.Of(key) != slot || visit(key, value));
            return false;
        }, reply, out answered);
    }

    private static NodeVerdict SlotStats(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var (start, end, limit, ascending, ordered) = (0L, Slot.Count - 1L, (long)Slot.Count, false, false);
        var error = args.Is(2, "SLOTSRANGE"u8) ? ReadRange(args, out start, out end)
            : args.Is(2, "ORDERBY"u8) ? ReadOrder(args, out limit, out ascending, out ordered)
            : Errors.Syntax;
        if (error is not null)
        {
            reply.Error(error);
            return NodeVerdict.Replied;
        }

        var counts = new Dictionary<int, long>();
        var slotsPerSegment = client.Services.View.Map.SlotsPerSegment;
        var verdict = LedSegments.Visit(client, default, s => (s.Value + 1) * slotsPerSegment > start && s.Value * slotsPerSegment <= end, (segment, table, _) =>
        {
            for (var slot = segment.Value * slotsPerSegment; slot < (segment.Value + 1) * slotsPerSegment; slot++)
            {
                counts[slot] = 0;
            }

            table.ScanAll((ReadOnlySpan<byte> key, in StoredValue _) =>
            {
                counts[Slot.Of(key)]++;
                return true;
            });
            return true;
        }, reply, out var answered);
        if (verdict == NodeVerdict.Replied && !answered)
        {
            var rows = counts.Where(c => c.Key >= start && c.Key <= end);
            WriteStats([.. (ordered ? Order(rows, ascending) : rows.OrderBy(c => c.Key)).Take((int)limit)], reply);
        }

        return verdict;
    }

    private static IEnumerable<KeyValuePair<int, long>> Order(IEnumerable<KeyValuePair<int, long>> rows, bool ascending) =>
        (ascending ? rows.OrderBy(c => c.Value) : rows.OrderByDescending(c => c.Value)).ThenBy(c => c.Key);

    private static void WriteStats(List<KeyValuePair<int, long>> rows, RespWriter reply)
    {
        reply.Array(rows.Count);
        foreach (var (slot, keys) in rows)
        {
            reply.Array(2);
            reply.Integer(slot);
            reply.Map(1);
            reply.Bulk("key-count"u8);
            reply.Integer(keys);
        }
    }

    private static string? ReadRange(CommandArgs args, out long start, out long end)
    {
        (start, end) = (0, 0);
        if (args.Count != 5)
        {
            return Errors.Syntax;
        }

        if (!RespNumber.TryParseInteger(args[3], out start) || start is < 0 or >= Slot.Count
            || !RespNumber.TryParseInteger(args[4], out end) || end is < 0 or >= Slot.Count)
        {
            return InvalidSlot;
        }

        return start > end ? $"ERR Start slot number {start} is greater than end slot number {end}" : null;
    }

    private static string? ReadOrder(CommandArgs args, out long limit, out bool ascending, out bool ordered)
    {
        (limit, ascending, ordered) = (Slot.Count, false, true);
        if (!args.Is(3, "KEY-COUNT"u8))
        {
            return "ERR Unrecognized sort metric for ORDERBY.";
        }

        for (var i = 4; i < args.Count; i++)
        {
            if (args.Is(i, "LIMIT"u8) && i + 1 < args.Count)
            {
                if (!RespNumber.TryParseInteger(args[++i], out limit) || limit is < 1 or > Slot.Count)
                {
                    return "ERR Limit has to lie in between 1 and 16384 (maximum number of slots).";
                }
            }
            else if (args.Is(i, "ASC"u8) || args.Is(i, "DESC"u8))
            {
                ascending = args.Is(i, "ASC"u8);
            }
            else
            {
                return Errors.Syntax;
            }
        }

        return null;
    }
}
