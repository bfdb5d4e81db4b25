using System.Buffers;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>APPEND, SETRANGE. The longest value allowed is an option of the leader's node, so the leader writes it into the entry as one more argument.</summary>
internal sealed class AppendCommands : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new()
        {
            Name = "append", Arity = 3, Since = "2.0.0", Summary = "Appends a string to the value of a key. Creates the key if it doesn't exist.", Group = "string",
            Flags = CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Fast, FirstKey = 1, LastKey = 1, KeyStep = 1, Write = Append,
            Prepare = (context, args, _) =>
            {
                context.Rewrite().Add("APPEND"u8).Add(args[1]).Add(args[2]).Add(context.MaxValueBytes);
                return true;
            },
        },
        new()
        {
            Name = "setrange", Arity = 4, Since = "2.2.0", Summary = "Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.", Group = "string",
            Flags = CommandFlags.Write | CommandFlags.DenyOom, FirstKey = 1, LastKey = 1, KeyStep = 1, Write = SetRange, Prepare = PrepareSetRange,
        },
    ];

    private static void Append(WriteContext context, CommandArgs args, RespWriter reply)
    {
        var found = context.TryGet(args[1], out var old);
        if (found && old.Kind != ValueKind.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }

        if (IsTooLong(args[3], (long)old.Bytes.Length + args[2].Length, reply))
        {
            return;
        }

        Overwrite(context, args[1], old, old.Bytes.Length, args[2], reply);
    }

    private static bool PrepareSetRange(PrepareContext context, CommandArgs args, RespWriter reply)
    {
        if (!RespNumber.TryParseInteger(args[2], out var offset))
        {
            reply.Error(Errors.NotInteger);
            return false;
        }

        if (offset < 0)
        {
            reply.Error(Errors.OffsetOutOfRange);
            return false;
        }

        context.Rewrite().Add("SETRANGE"u8).Add(args[1]).Add(offset).Add(args[3]).Add(context.MaxValueBytes);
        return true;
    }

    private static void SetRange(WriteContext context, CommandArgs args, RespWriter reply)
    {
        RespNumber.TryParseInteger(args[2], out var offset);
        var found = context.TryGet(args[1], out var old);
        if (found && old.Kind != ValueKind.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }

        if (args[3].IsEmpty)
        {
            reply.Integer(old.Bytes.Length);
            return;
        }

        if (offset > int.MaxValue || IsTooLong(args[4], offset + args[3].Length, reply))
        {
            if (offset > int.MaxValue)
            {
                reply.Error(Errors.TooLong);
            }

            return;
        }

        Overwrite(context, args[1], old, (int)offset, args[3], reply);
    }

    private static bool IsTooLong(ReadOnlySpan<byte> limit, long length, RespWriter reply)
    {
        RespNumber.TryParseInteger(limit, out var most);
        if (length <= most)
        {
            return false;
        }

        reply.Error(Errors.TooLong);
        return true;
    }

    private static void Overwrite(WriteContext context, ReadOnlySpan<byte> key, in StoredValue old, int offset, ReadOnlySpan<byte> part, RespWriter reply)
    {
        var length = Math.Max(old.Bytes.Length, offset + part.Length);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        var value = rented.AsSpan(0, length);
        old.Bytes.CopyTo(value);
        value[old.Bytes.Length..].Clear();
        part.CopyTo(value[offset..]);
        context.Table.Set(key, ValueKind.String, value, old.ExpiresAtMs);
        ArrayPool<byte>.Shared.Return(rented);
        reply.Integer(length);
    }
}
