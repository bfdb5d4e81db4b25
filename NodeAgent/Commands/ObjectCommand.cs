using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>OBJECT ENCODING, FREQ, IDLETIME, REFCOUNT; MEMORY USAGE.</summary>
internal sealed class ObjectCommand : ICommandFamily
{
    /// <summary>Bytes that a key costs beside its own and its value's, an estimate.</summary>
    public const int OverheadBytes = 56;

    private const int LongestEmbedded = 44;
    private const string NotLfu = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.";

    // Redis's text of the case where it keeps no idle time.
    private const string NotLru = "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.";

    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new()
        {
            Name = "object", Arity = -2, Since = "2.2.3", Summary = "A container for object introspection commands.", Group = "generic",
            Subcommands =
            [
                Row("object|encoding", 3, "2.2.3", "Returns the internal encoding of a Redis object.", Encoding),
                Row("object|freq", 3, "4.0.0", "Returns the logarithmic access frequency counter of a Redis object.", (c, a, r) => Refuse(c, a, r, NotLfu)),
                Row("object|idletime", 3, "2.2.3", "Returns the time since the last access to a Redis object.", (c, a, r) => Refuse(c, a, r, NotLru)),
                Row("object|refcount", 3, "2.2.3", "Returns the reference count of a value of a key.", CountReferences),
                Help.Row("object", "generic", "6.2.0",
                    "ENCODING <key>", "    Return the kind of internal representation used in order to store the value", "    associated with a <key>.",
                    "FREQ <key>", "    Return the access frequency index of the <key>. The returned integer is", "    proportional to the logarithm of the recent access frequency of the key.",
                    "IDLETIME <key>", "    Return the idle time of the <key>, that is the approximated number of", "    seconds elapsed since the last access to the key.",
                    "REFCOUNT <key>", "    Return the number of references of the value associated with the specified", "    <key>."),
            ],
        },
        new()
        {
            Name = "memory", Arity = -2, Since = "4.0.0", Summary = "A container for memory diagnostics commands.", Group = "server",
            Subcommands =
            [
                Row("memory|usage", -3, "4.0.0", "Estimates the memory usage of a key.", Usage),
                Help.Row("memory", "server", "4.0.0",
                    "USAGE <key> [SAMPLES <count>]", "    Return memory in bytes used by <key> and its value."),
            ],
        },
    ];

    private static CommandSpec Row(string name, int arity, string since, string summary, ReadCommand read) => new()
    {
        Name = name, Arity = arity, Since = since, Summary = summary, Group = "generic", Flags = CommandFlags.ReadOnly,
        FirstKey = 2, LastKey = 2, KeyStep = 1, Read = read,
    };

    private static void Encoding(ReadContext context, CommandArgs args, RespWriter reply)
    {
        if (!context.TryPeek(args[2], out var value))
        {
            reply.Null();
            return;
        }

        reply.Bulk(value.Kind != ValueKind.String ? "listpack"u8
            : RespNumber.TryParseInteger(value.Bytes, out _) ? "int"u8
            : value.Bytes.Length <= LongestEmbedded ? "embstr"u8 : "raw"u8);
    }

    private static void Refuse(ReadContext context, CommandArgs args, RespWriter reply, string reason)
    {
        if (!context.TryPeek(args[2], out _))
        {
            reply.Null();
            return;
        }

        reply.Error(reason);
    }

    private static void CountReferences(ReadContext context, CommandArgs args, RespWriter reply)
    {
        if (!context.TryPeek(args[2], out _))
        {
            reply.Null();
            return;
        }

        reply.Integer(1);
    }

    private static void Usage(ReadContext context, CommandArgs args, RespWriter reply)
    {
        for (var i = 3; i < args.Count; i++)
        {
            if (!args.Is(i, "SAMPLES"u8) || i + 1 == args.Count)
            {
                reply.Error(Errors.Syntax);
                return;
            }

            if (!RespNumber.TryParseInteger(args[++i], out var samples) || samples < 0)
            {
                reply.Error(samples < 0 ? Errors.Syntax : Errors.NotInteger);
                return;
            }
        }

        if (!context.TryPeek(args[2], out var value))
        {
            reply.Null();
            return;
        }

        reply.Integer(args[2].Length + value.Bytes.Length + OverheadBytes);
    }
}
