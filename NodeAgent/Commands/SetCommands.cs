using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>SET, SETNX, SETEX, PSETEX, GETSET.</summary>
internal sealed class SetCommands : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Row("set", -3, "1.0.0", "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.", Set, PrepareSet),
        Row("setnx", 3, "1.0.0", "Set the string value of a key only when the key doesn't exist.", SetIfAbsent, null, CommandFlags.Fast),
        Row("setex", 4, "2.0.0", "Sets the string value and expiration time of a key. Creates the key if it doesn't exist.", Set, (c, a, r) => PrepareSetEx(c, a, r, "setex", seconds: true)),
        Row("psetex", 4, "2.6.0", "Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.", Set, (c, a, r) => PrepareSetEx(c, a, r, "psetex", seconds: false)),
        Row("getset", 3, "1.0.0", "Returns the previous string value of a key after setting it to a new value.", GetSet, null, CommandFlags.Fast | CommandFlags.LargeReply),
    ];

    private static CommandSpec Row(string name, int arity, string since, string summary, WriteCommand write, PrepareWrite? prepare, CommandFlags more = 0) => new()
    {
        Name = name, Arity = arity, Since = since, Summary = summary, Group = "string", Flags = CommandFlags.Write | CommandFlags.DenyOom | more,
        FirstKey = 1, LastKey = 1, KeyStep = 1, Write = write, Prepare = prepare,
    };

    private static bool PrepareSet(PrepareContext context, CommandArgs args, RespWriter reply)
    {
        if (args.Count == 3)
        {
            return true;
        }

        if (!SetOptions.TryRead(args, 3, isSet: true, out var options))
        {
            reply.Error(Errors.Syntax);
            return false;
        }

        context.RepliesLarge = options.Get;
        if (!options.HasExpiry)
        {
            return true;
        }

        if (options.ReadExpiry(args, options.Relative ? context.NowMs : 0, "set", out var expiresAtMs) is { } error)
        {
            reply.Error(error);
            return false;
        }

        var command = context.Rewrite().Add("SET"u8).Add(args[1]).Add(args[2]).Add("PXAT"u8).Add(expiresAtMs);
        if (options.IfAbsent || options.IfPresent)
        {
            command.Add(options.IfAbsent ? "NX"u8 : "XX"u8);
        }

        if (options.Get)
        {
            command.Add("GET"u8);
        }

        return true;
    }

    private static bool PrepareSetEx(PrepareContext context, CommandArgs args, RespWriter reply, string command, bool seconds)
    {
        if (SetOptions.ReadExpiry(args[2], seconds, relative: true, context.NowMs, command, out var expiresAtMs) is { } error)
        {
            reply.Error(error);
            return false;
        }

        context.Rewrite().Add("SET"u8).Add(args[1]).Add(args[3]).Add("PXAT"u8).Add(expiresAtMs);
        return true;
    }

    private static void Set(WriteContext context, CommandArgs args, RespWriter reply)
    {
        if (args.Count == 3)
        {
            context.Table.Set(args[1], ValueKind.String, args[2], 0);
            reply.Ok();
            return;
        }

        if (!SetOptions.TryRead(args, 3, isSet: true, out var options) || options.ReadExpiry(args, context.NowMs, "set", out var expiresAtMs) is not null)
        {
            reply.Error(Errors.Syntax);
            return;
        }

        var found = context.TryGet(args[1], out var old);
        if (options.Get && found && old.Kind != ValueKind.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }

        var refused = found ? options.IfAbsent : options.IfPresent;
        var keptExpiry = old.ExpiresAtMs;
        WriteSetReply(reply, options.Get, refused, found, old.Bytes);
        if (!refused)
        {
            Store(context, args[1], args[2], options.KeepTtl ? keptExpiry : expiresAtMs);
        }
    }

    private static void WriteSetReply(RespWriter reply, bool get, bool refused, bool found, ReadOnlySpan<byte> old)
    {
        if (get && found)
        {
            reply.Bulk(old);
        }
        else if (get || refused)
        {
            reply.Null();
        }
        else
        {
            reply.Ok();
        }
    }

    /// <summary>A value that has expired already is not stored: what it replaces is gone all the same.</summary>
    private static void Store(WriteContext context, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expiresAtMs)
    {
        if (expiresAtMs != 0 && expiresAtMs <= context.NowMs)
        {
            context.Table.Remove(key);
            return;
        }

        context.Table.Set(key, ValueKind.String, value, expiresAtMs);
    }

    private static void SetIfAbsent(WriteContext context, CommandArgs args, RespWriter reply)
    {
        if (context.Has(args[1]))
        {
            reply.Integer(0);
            return;
        }

        context.Table.Set(args[1], ValueKind.String, args[2], 0);
        reply.Integer(1);
    }

    private static void GetSet(WriteContext context, CommandArgs args, RespWriter reply)
    {
        if (!context.TryGet(args[1], out var old))
        {
            reply.Null();
        }
        else if (old.Kind != ValueKind.String)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        else
        {
            reply.Bulk(old.Bytes);
        }

        context.Table.Set(args[1], ValueKind.String, args[2], 0);
    }
}
