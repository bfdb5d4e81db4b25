using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>SCAN over the Owned segments that this node leads, segment after segment.</summary>
internal sealed class ScanCommand : ICommandFamily
{
    private const long DefaultCount = 10;

    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new()
        {
            Name = "scan", Arity = -2, Since = "2.8.0", Summary = "Iterates over the key names in the database.", Group = "generic",
            Complexity = "O(1) for every call. O(N) for a complete iteration.", Flags = CommandFlags.ReadOnly, Node = Scan,
        },
    ];

    private sealed class Walk(byte[]? pattern, byte[]? type, long count)
    {
        private long left = count;

        public List<byte[]> Keys { get; } = [];

        public bool IsOver => left <= 0;

        public bool Visit(ReadOnlySpan<byte> key, in StoredValue value, long nowMs)
        {
            left--;
            if ((value.ExpiresAtMs == 0 || value.ExpiresAtMs > nowMs)
                && (pattern is null || GlobPattern.Matches(pattern, key))
                && (type is null || System.Text.Ascii.EqualsIgnoreCase(type, KeyCommands.NameOf(value.Kind))))
            {
                Keys.Add(key.ToArray());
            }

            return true;
        }

        /// <summary>Steps through one table, to a bound that a cursor can tell. Answers the cursor to go on with; 0 when the table is done.</summary>
        public ulong Step(SegmentTable table, ulong cursor, long nowMs)
        {
            bool One(ReadOnlySpan<byte> key, in StoredValue value) => Visit(key, value, nowMs);
            do
            {
                cursor = table.Scan(cursor, (int)Math.Clamp(left, 1, 100_000), One);
            }
            while (cursor != 0 && !IsOver);

            if (cursor == 0 || ScanCursor.RoundUp(cursor) == cursor)
            {
                return cursor;
            }

            // What the cursor cannot tell from this place is visited now, so that nothing comes twice.
            var bound = ScanCursor.RoundUp(cursor);
            table.ScanRange(cursor, unchecked(bound - 1), One);
            return bound;
        }
    }

    private static NodeVerdict Scan(ClientContext client, CommandArgs args, RespWriter reply)
    {
        if (!ScanCursor.TryParse(args[1], client.Services.View.Map.SegmentCount, out var at))
        {
            reply.Error("ERR invalid cursor");
            return NodeVerdict.Replied;
        }

        if (ReadOptions(args, out var walk) is { } error)
        {
            reply.Error(error);
            return NodeVerdict.Replied;
        }

        var clockMs = client.Services.NowMs;
        var next = default(ScanCursor);
        var verdict = LedSegments.Visit(client, at.Segment, _ => true, (segment, table, groupTimeMs) =>
        {
            if (walk.IsOver)
            {
                next = new ScanCursor(segment, 0);
                return false;
            }

            var cursor = walk.Step(table, segment == at.Segment ? at.Bound : 0, Math.Max(clockMs, groupTimeMs));
            next = cursor == 0 ? default : new ScanCursor(segment, cursor);
            return cursor == 0;
        }, reply, out var answered);
        if (verdict == NodeVerdict.Replied && !answered)
        {
            reply.Array(2);
            reply.BulkInteger(next.ToNumber());
            reply.Array(walk.Keys.Count);
            foreach (var key in walk.Keys)
            {
                reply.Bulk(key);
            }
        }

        return verdict;
    }

    private static string? ReadOptions(CommandArgs args, out Walk walk)
    {
        var (pattern, type, count) = ((byte[]?)null, (byte[]?)null, DefaultCount);
        walk = new Walk(null, null, 0);
        for (var i = 2; i < args.Count; i += 2)
        {
            if (i + 1 == args.Count)
            {
                return Errors.Syntax;
            }

            if (args.Is(i, "COUNT"u8))
            {
                if (!RespNumber.TryParseInteger(args[i + 1], out count))
                {
                    return Errors.NotInteger;
                }

                if (count < 1)
                {
                    return Errors.Syntax;
                }
            }
            else if (args.Is(i, "MATCH"u8))
            {
                pattern = args[i + 1].SequenceEqual("*"u8) ? null : args[i + 1].ToArray();
            }
            else if (args.Is(i, "TYPE"u8))
            {
                type = args[i + 1].ToArray();
            }
            else
            {
                return Errors.Syntax;
            }
        }

        walk = new Walk(pattern, type, count);
        return null;
    }
}
