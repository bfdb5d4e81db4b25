using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT.</summary>
internal sealed class CounterCommands : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Row("incr", 2, "1.0.0", "Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.", (c, a, r) => Add(c, a[1], 1, r)),
        Row("decr", 2, "1.0.0", "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.", (c, a, r) => Add(c, a[1], -1, r)),
        Row("incrby", 3, "1.0.0", "Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.", (c, a, r) => AddArgument(c, a, 1, r), CheckInteger),
        Row("decrby", 3, "1.0.0", "Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't exist.", (c, a, r) => AddArgument(c, a, -1, r), CheckDecrement),
        Row("incrbyfloat", 3, "2.6.0", "Increment the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.", AddFloat),
    ];

    private static CommandSpec Row(string name, int arity, string since, string summary, WriteCommand write, PrepareWrite? prepare = null) => new()
    {
        Name = name, Arity = arity, Since = since, Summary = summary, Group = "string",
        Flags = CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Fast, FirstKey = 1, LastKey = 1, KeyStep = 1, Write = write, Prepare = prepare,
    };

    private static bool CheckInteger(PrepareContext context, CommandArgs args, RespWriter reply)
    {
        if (RespNumber.TryParseInteger(args[2], out _))
        {
            return true;
        }

        reply.Error(Errors.NotInteger);
        return false;
    }

    private static bool CheckDecrement(PrepareContext context, CommandArgs args, RespWriter reply)
    {
        if (!CheckInteger(context, args, reply))
        {
            return false;
        }

        if (RespNumber.TryParseInteger(args[2], out var step) && step != long.MinValue)
        {
            return true;
        }

        reply.Error("ERR decrement would overflow");
        return false;
    }

    private static void AddArgument(WriteContext context, CommandArgs args, int sign, RespWriter reply)
    {
        RespNumber.TryParseInteger(args[2], out var step);
        Add(context, args[1], sign * step, reply);
    }

    private static void Add(WriteContext context, ReadOnlySpan<byte> key, long step, RespWriter reply)
    {
        var found = context.TryGet(key, out var old);
        if (found && old.Kind != ValueKind.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }

        long value = 0;
        if (found && !RespNumber.TryParseInteger(old.Bytes, out value))
        {
            reply.Error(Errors.NotInteger);
            return;
        }

        if (step < 0 ? value < long.MinValue - step : value > long.MaxValue - step)
        {
            reply.Error("ERR increment or decrement would overflow");
            return;
        }

        Span<byte> text = stackalloc byte[RespNumber.MaxIntegerLength];
        context.Table.Set(key, ValueKind.String, text[..RespNumber.Write(value + step, text)], old.ExpiresAtMs);
        reply.Integer(value + step);
    }

    private static void AddFloat(WriteContext context, CommandArgs args, RespWriter reply)
    {
        var found = context.TryGet(args[1], out var old);
        if (found && old.Kind != ValueKind.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }

        if (FloatSum.TryAdd(found ? old.Bytes : "0"u8, args[2], out var sum) is { } error)
        {
            reply.Error(error);
            return;
        }

        context.Table.Set(args[1], ValueKind.String, sum, old.ExpiresAtMs);
        reply.Bulk(sum);
    }
}
