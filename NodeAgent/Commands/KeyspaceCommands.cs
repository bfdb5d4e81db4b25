using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>DBSIZE, KEYS, RANDOMKEY, FLUSHALL, FLUSHDB, FUNCTION FLUSH: over all Owned segments that this node leads.</summary>
internal sealed class KeyspaceCommands : ICommandFamily
{
    private const int RandomTries = 16;

    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Row("dbsize", 1, CommandFlags.ReadOnly | CommandFlags.Fast, "server", "1.0.0", "Returns the number of keys in the database.", Size),
        Row("keys", 2, CommandFlags.ReadOnly | CommandFlags.Slow | CommandFlags.Dangerous, "generic", "1.0.0", "Returns all key names that match a pattern.", Keys),
        Row("randomkey", 1, CommandFlags.ReadOnly, "generic", "1.0.0", "Returns a random key name from the database.", RandomKey),
        Row("flushall", -1, CommandFlags.Write | CommandFlags.Dangerous, "server", "1.0.0", "Removes all keys from all databases.", Flush),
        Row("flushdb", -1, CommandFlags.Write | CommandFlags.Dangerous, "server", "1.0.0", "Remove all keys from the current database.", Flush),
        new()
        {
            Name = "function", Arity = -2, Since = "7.0.0", Summary = "A container for function commands.", Group = "scripting",
            Subcommands =
            [
                // There are no functions, so none is left after this.
                Row("function|flush", -2, CommandFlags.Write | CommandFlags.NoScript, "scripting", "7.0.0", "Deletes all libraries and functions.", (_, args, reply) =>
                {
                    if (IsFlushMode(args, 2))
                    {
                        reply.Ok();
                    }
                    else
                    {
                        reply.Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
                    }

                    return NodeVerdict.Replied;
                }),
                Help.Row("function", "scripting", "7.0.0", "FLUSH [ASYNC|SYNC]", "    Delete all the libraries."),
            ],
        },
    ];

    private static CommandSpec Row(string name, int arity, CommandFlags flags, string group, string since, string summary, NodeCommand answer) => new()
    {
        Name = name, Arity = arity, Since = since, Summary = summary, Group = group, Complexity = "O(N)", Flags = flags, Node = answer,
    };

    private static NodeVerdict Size(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var keys = 0L;
        var verdict = LedSegments.Visit(client, default, _ => true, (_, table, _) =>
        {
            keys += table.Count;
            return true;
        }, reply, out var answered);
        if (verdict == NodeVerdict.Replied && !answered)
        {
            reply.Integer(keys);
        }

        return verdict;
    }

    private static NodeVerdict Keys(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var pattern = args[1].ToArray();
        var all = pattern.AsSpan().SequenceEqual("*"u8);
        var clockMs = client.Services.NowMs;
        using var found = new ReplyBuffer(client.Services.Options.HardOutputBytes);
        var count = 0;
        var verdict = LedSegments.Visit(client, default, _ => true, (_, table, groupTimeMs) =>
        {
            var nowMs = Math.Max(clockMs, groupTimeMs);
            table.ScanAll((ReadOnlySpan<byte> key, in StoredValue value) =>
            {
                if ((value.ExpiresAtMs == 0 || value.ExpiresAtMs > nowMs) && (all || GlobPattern.Matches(pattern, key)))
                {
                    count++;
                    new RespWriter(found, 2).Bulk(key);
                }

                return true;
            });
            return true;
        }, reply, out var answered);
        if (verdict == NodeVerdict.Replied && !answered)
        {
            reply.Array(count);
            reply.Raw(found.Written);
        }

        return verdict;
    }

    private static NodeVerdict RandomKey(ClientContext client, CommandArgs args, RespWriter reply)
    {
        byte[]? chosen = null;
        var keys = 0L;
        var services = client.Services;
        var clockMs = services.NowMs;
        var verdict = LedSegments.Visit(client, default, _ => true, (_, table, groupTimeMs) =>
        {
            // The k-th segment's keys are taken with the probability that keeps every key seen so far equally likely.
            keys += table.Count;
            if (table.Count > 0 && services.NextRandom() % (ulong)keys < (ulong)table.Count)
            {
                chosen = Draw(services, table, Math.Max(clockMs, groupTimeMs)) ?? chosen;
            }

            return true;
        }, reply, out var answered);
        if (verdict == NodeVerdict.Replied && !answered)
        {
            if (chosen is null)
            {
                reply.Null();
            }
            else
            {
                reply.Bulk(chosen);
            }
        }

        return verdict;
    }

    private static byte[]? Draw(ClientServices services, SegmentTable table, long nowMs)
    {
        for (var i = 0; i < RandomTries && table.TryRandomKey(services.NextRandom(), out var key); i++)
        {
            if (table.TryGet(key, out var value) && (value.ExpiresAtMs == 0 || value.ExpiresAtMs > nowMs))
            {
                return key.ToArray();
            }
        }

        return null;
    }

    private static NodeVerdict Flush(ClientContext client, CommandArgs args, RespWriter reply)
    {
        if (!IsFlushMode(args, 1))
        {
            reply.Error(Errors.Syntax);
            return NodeVerdict.Replied;
        }

        client.Continuation = KeyspaceFlush.RunAsync(client.Services);
        return NodeVerdict.Await;
    }

    private static bool IsFlushMode(CommandArgs args, int at) =>
        args.Count == at || (args.Count == at + 1 && (args.Is(at, "ASYNC"u8) || args.Is(at, "SYNC"u8)));
}
