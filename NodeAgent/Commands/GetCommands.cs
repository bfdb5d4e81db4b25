using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>GET, GETDEL, GETEX, MGET, STRLEN, GETRANGE and its old name SUBSTR.</summary>
internal sealed class GetCommands : ICommandFamily
{
    private const CommandFlags FastRead = CommandFlags.ReadOnly | CommandFlags.Fast;
    private const CommandFlags GetAndChange = CommandFlags.Write | CommandFlags.Fast | CommandFlags.LargeReply;

    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Row("get", 2, FastRead, "1.0.0", "Returns the string value of a key.", read: Get),
        Row("strlen", 2, FastRead, "2.2.0", "Returns the length of a string value.", read: Length),
        Row("getrange", 4, CommandFlags.ReadOnly, "2.4.0", "Returns a substring of the string stored at a key.", read: GetRange),
        Row("substr", 4, CommandFlags.ReadOnly, "1.0.0", "Returns a substring from a string value.", read: GetRange),
        Row("getdel", 2, GetAndChange, "6.2.0", "Returns the string value of a key after deleting the key.", write: GetDelete),
        Row("getex", -2, GetAndChange, "6.2.0", "Returns the string value of a key after setting its expiration time.", write: GetExpire, prepare: PrepareGetExpire),
        new()
        {
            Name = "mget", Arity = -2, Since = "1.0.0", Summary = "Atomically returns the string values of one or more keys.", Group = "string", Complexity = "O(N)",
            Flags = FastRead, FirstKey = 1, LastKey = -1, KeyStep = 1, Read = GetMany,
        },
    ];

    private static CommandSpec Row(
        string name, int arity, CommandFlags flags, string since, string summary,
        ReadCommand? read = null, WriteCommand? write = null, PrepareWrite? prepare = null) => new()
    {
        Name = name, Arity = arity, Since = since, Summary = summary, Group = "string", Flags = flags,
        FirstKey = 1, LastKey = 1, KeyStep = 1, Read = read, Write = write, Prepare = prepare,
    };

    private static void Get(ReadContext context, CommandArgs args, RespWriter reply)
    {
        if (!context.TryGet(args[1], out var value))
        {
            reply.Null();
        }
        else if (value.Kind == ValueKind.String)
        {
            reply.Bulk(value.Bytes);
        }
        else
        {
            reply.Error(Errors.WrongType);
        }
    }

    private static void GetMany(ReadContext context, CommandArgs args, RespWriter reply)
    {
        reply.Array(args.Count - 1);
        for (var i = 1; i < args.Count; i++)
        {
            if (context.TryGet(args[i], out var value) && value.Kind == ValueKind.String)
            {
                reply.Bulk(value.Bytes);
            }
            else
            {
                reply.Null();
            }
        }
    }

    private static void Length(ReadContext context, CommandArgs args, RespWriter reply)
    {
        if (!context.TryGet(args[1], out var value))
        {
            reply.Integer(0);
        }
        else if (value.Kind == ValueKind.String)
        {
            reply.Integer(value.Bytes.Length);
        }
        else
        {
            reply.Error(Errors.WrongType);
        }
    }

    private static void GetRange(ReadContext context, CommandArgs args, RespWriter reply)
    {
        if (!RespNumber.TryParseInteger(args[2], out var start) || !RespNumber.TryParseInteger(args[3], out var end))
        {
            reply.Error(Errors.NotInteger);
            return;
        }

        if (!context.TryGet(args[1], out var value))
        {
            reply.Bulk([]);
            return;
        }

        if (value.Kind != ValueKind.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }

        long length = value.Bytes.Length;
        if (start < 0 && end < 0 && start > end)
        {
            reply.Bulk([]);
            return;
        }

        start = Math.Max(0, start < 0 ? length + start : start);
        end = Math.Min(Math.Max(0, end < 0 ? length + end : end), length - 1);
        reply.Bulk(start > end || length == 0 ? [] : value.Bytes[(int)start..(int)(end + 1)]);
    }

    private static void GetDelete(WriteContext context, CommandArgs args, RespWriter reply)
    {
        if (!TryGetString(context, args, reply, out var value))
        {
            return;
        }

        reply.Bulk(value.Bytes);
        context.Table.Remove(args[1]);
    }

    private static bool PrepareGetExpire(PrepareContext context, CommandArgs args, RespWriter reply)
    {
        if (!SetOptions.TryRead(args, 2, isSet: false, out var options))
        {
            reply.Error(Errors.Syntax);
            return false;
        }

        if (!options.HasExpiry)
        {
            return true;
        }

        if (options.ReadExpiry(args, options.Relative ? context.NowMs : 0, "getex", out var expiresAtMs) is { } error)
        {
            reply.Error(error);
            return false;
        }

        context.Rewrite().Add("GETEX"u8).Add(args[1]).Add("PXAT"u8).Add(expiresAtMs);
        return true;
    }

    private static void GetExpire(WriteContext context, CommandArgs args, RespWriter reply)
    {
        if (!SetOptions.TryRead(args, 2, isSet: false, out var options) || options.ReadExpiry(args, context.NowMs, "getex", out var expiresAtMs) is not null)
        {
            reply.Error(Errors.Syntax);
            return;
        }

        if (!TryGetString(context, args, reply, out var value))
        {
            return;
        }

        reply.Bulk(value.Bytes);
        if (options.HasExpiry && expiresAtMs <= context.NowMs)
        {
            context.Table.Remove(args[1]);
        }
        else if (options.HasExpiry || (options.Persist && value.ExpiresAtMs != 0))
        {
            context.Table.SetExpiry(args[1], expiresAtMs);
        }
    }

    private static bool TryGetString(WriteContext context, CommandArgs args, RespWriter reply, out StoredValue value)
    {
        if (!context.TryGet(args[1], out value))
        {
            reply.Null();
            return false;
        }

        if (value.Kind != ValueKind.String)
        {
            reply.Error(Errors.WrongType);
            return false;
        }

        return true;
    }
}
