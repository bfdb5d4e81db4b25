using System.Text;
using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT, PERSIST. In the log all of the first four are PEXPIREAT.</summary>
internal sealed class ExpireCommands : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Expire("expire", "1.0.0", "Sets the expiration time of a key in seconds.", seconds: true, relative: true),
        Expire("pexpire", "2.6.0", "Sets the expiration time of a key in milliseconds.", seconds: false, relative: true),
        Expire("expireat", "1.2.0", "Sets the expiration time of a key to a Unix timestamp.", seconds: true, relative: false),
        Expire("pexpireat", "2.6.0", "Sets the expiration time of a key to a Unix milliseconds timestamp.", seconds: false, relative: false),
        new()
        {
            Name = "persist", Arity = 2, Since = "2.2.0", Summary = "Removes the expiration time of a key.", Group = "generic",
            Flags = CommandFlags.Write | CommandFlags.Fast, FirstKey = 1, LastKey = 1, KeyStep = 1, Write = Persist,
        },
    ];

    [Flags]
    private enum Conditions
    {
        None = 0,
        IfNone = 1,
        IfSome = 2,
        IfLater = 4,
        IfEarlier = 8,
    }

    private static CommandSpec Expire(string name, string since, string summary, bool seconds, bool relative) => new()
    {
        Name = name, Arity = -3, Since = since, Summary = summary, Group = "generic",
        Flags = CommandFlags.Write | CommandFlags.Fast, FirstKey = 1, LastKey = 1, KeyStep = 1, Write = SetExpiry,
        Prepare = (context, args, reply) => Prepare(context, args, reply, name, seconds, relative),
    };

    private static bool Prepare(PrepareContext context, CommandArgs args, RespWriter reply, string name, bool seconds, bool relative)
    {
        var error = ReadConditions(args, out _) ?? ReadTime(args[2], seconds, relative ? context.NowMs : 0, name, out _);
        if (error is not null)
        {
            reply.Error(error);
            return false;
        }

        _ = ReadTime(args[2], seconds, relative ? context.NowMs : 0, name, out var expiresAtMs);
        var command = context.Rewrite().Add("PEXPIREAT"u8).Add(args[1]).Add(expiresAtMs);
        for (var i = 3; i < args.Count; i++)
        {
            command.Add(args[i]);
        }

        return true;
    }

    private static string? ReadConditions(CommandArgs args, out Conditions conditions)
    {
        conditions = Conditions.None;
        for (var i = 3; i < args.Count; i++)
        {
            if (args.Is(i, "NX"u8))
            {
                conditions |= Conditions.IfNone;
            }
            else if (args.Is(i, "XX"u8))
            {
                conditions |= Conditions.IfSome;
            }
            else if (args.Is(i, "GT"u8))
            {
                conditions |= Conditions.IfLater;
            }
            else if (args.Is(i, "LT"u8))
            {
                conditions |= Conditions.IfEarlier;
            }
            else
            {
                return $"ERR Unsupported option {Encoding.UTF8.GetString(args[i])}";
            }
        }

        if (conditions.HasFlag(Conditions.IfNone) && conditions != Conditions.IfNone)
        {
            return "ERR NX and XX, GT or LT options at the same time are not compatible";
        }

        return conditions.HasFlag(Conditions.IfLater | Conditions.IfEarlier) ? "ERR GT and LT options at the same time are not compatible" : null;
    }

    private static string? ReadTime(ReadOnlySpan<byte> text, bool seconds, long baseMs, string command, out long expiresAtMs)
    {
        if (!RespNumber.TryParseInteger(text, out expiresAtMs))
        {
            return Errors.NotInteger;
        }

        if (seconds && expiresAtMs is > long.MaxValue / 1000 or < long.MinValue / 1000)
        {
            return Errors.InvalidExpire(command);
        }

        expiresAtMs *= seconds ? 1000 : 1;
        if (expiresAtMs > long.MaxValue - baseMs)
        {
            return Errors.InvalidExpire(command);
        }

        expiresAtMs += baseMs;
        return null;
    }

    private static void SetExpiry(WriteContext context, CommandArgs args, RespWriter reply)
    {
        if (ReadConditions(args, out var conditions) is { } error)
        {
            reply.Error(error);
            return;
        }

        RespNumber.TryParseInteger(args[2], out var expiresAtMs);
        if (!context.TryGet(args[1], out var value) || !Holds(conditions, value.ExpiresAtMs, expiresAtMs))
        {
            reply.Integer(0);
            return;
        }

        if (expiresAtMs <= context.NowMs)
        {
            context.Table.Remove(args[1]);
        }
        else
        {
            context.Table.SetExpiry(args[1], expiresAtMs);
        }

        reply.Integer(1);
    }

    /// <summary>A key without expiry counts as one that expires never: no time is later than that, every time is earlier.</summary>
    private static bool Holds(Conditions conditions, long current, long wanted) =>
        !(conditions.HasFlag(Conditions.IfNone) && current != 0)
        && !(conditions.HasFlag(Conditions.IfSome) && current == 0)
        && !(conditions.HasFlag(Conditions.IfLater) && (current == 0 || wanted <= current))
        && !(conditions.HasFlag(Conditions.IfEarlier) && current != 0 && wanted >= current);

    private static void Persist(WriteContext context, CommandArgs args, RespWriter reply)
    {
        var persisted = context.TryGet(args[1], out var value) && value.ExpiresAtMs != 0;
        if (persisted)
        {
            context.Table.SetExpiry(args[1], 0);
        }

        reply.Integer(persisted ? 1 : 0);
    }
}
