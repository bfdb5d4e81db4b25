using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>RENAME, RENAMENX, COPY: both keys are in one slot, so in one segment.</summary>
internal sealed class RenameCommands : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Row("rename", 3, CommandFlags.Write, "1.0.0", "Renames a key and overwrites the destination.", (c, a, r) => Rename(c, a, r, overwrite: true)),
        Row("renamenx", 3, CommandFlags.Write | CommandFlags.Fast, "1.0.0", "Renames a key only when the target key name doesn't exist.", (c, a, r) => Rename(c, a, r, overwrite: false)),
        Row("copy", -3, CommandFlags.Write | CommandFlags.DenyOom, "6.2.0", "Copies the value of a key to a new key.", Copy, PrepareCopy),
    ];

    private static CommandSpec Row(string name, int arity, CommandFlags flags, string since, string summary, WriteCommand write, PrepareWrite? prepare = null) => new()
    {
        Name = name, Arity = arity, Since = since, Summary = summary, Group = "generic", Flags = flags,
        FirstKey = 1, LastKey = 2, KeyStep = 1, Write = write, Prepare = prepare,
    };

    private static void Rename(WriteContext context, CommandArgs args, RespWriter reply, bool overwrite)
    {
        if (!context.Has(args[1]))
        {
            reply.Error(Errors.NoSuchKey);
            return;
        }

        var refused = !overwrite && context.Has(args[2]);
        if (!refused && !args[1].SequenceEqual(args[2]))
        {
            CopyValue(context, args[1], args[2]);
            context.Table.Remove(args[1]);
        }

        if (overwrite)
        {
            reply.Ok();
            return;
        }

        reply.Integer(refused ? 0 : 1);
    }

    private static bool PrepareCopy(PrepareContext context, CommandArgs args, RespWriter reply)
    {
        var error = ReadOptions(args, out _);
        if (error is not null)
        {
            reply.Error(error);
            return false;
        }

        return true;
    }

    private static string? ReadOptions(CommandArgs args, out bool replace)
    {
        replace = false;
        for (var i = 3; i < args.Count; i++)
        {
            if (args.Is(i, "REPLACE"u8))
            {
                replace = true;
            }
            else if (args.Is(i, "DB"u8) && i + 1 < args.Count)
            {
                if (!RespNumber.TryParseInteger(args[++i], out var database))
                {
                    return Errors.NotInteger;
                }

                if (database != 0)
                {
                    return Errors.DatabaseOutOfRange;
                }
            }
            else
            {
                return Errors.Syntax;
            }
        }

        return args[1].SequenceEqual(args[2]) ? "ERR source and destination objects are the same" : null;
    }

    private static void Copy(WriteContext context, CommandArgs args, RespWriter reply)
    {
        if (ReadOptions(args, out var replace) is { } error)
        {
            reply.Error(error);
            return;
        }

        if (!context.Has(args[1]) || (!replace && context.Has(args[2])))
        {
            reply.Integer(0);
            return;
        }

        CopyValue(context, args[1], args[2]);
        reply.Integer(1);
    }

    private static void CopyValue(WriteContext context, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        // A copy of its own, because the table may move what it holds while it takes the new key.
        context.Table.TryGet(from, out var value);
        context.Table.Set(to, value.Kind, value.Bytes.ToArray(), value.ExpiresAtMs);
    }
}
