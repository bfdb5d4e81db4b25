using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>MSET, MSETNX.</summary>
internal sealed class MultiSetCommands : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Row("mset", "Atomically creates or modifies the string values of one or more keys.", SetAll),
        Row("msetnx", "Atomically modifies the string values of one or more keys only when all keys don't exist.", SetAllIfAbsent),
    ];

    private static CommandSpec Row(string name, string summary, WriteCommand write) => new()
    {
        Name = name, Arity = -3, Since = "1.0.1", Summary = summary, Group = "string", Complexity = "O(N)",
        Flags = CommandFlags.Write | CommandFlags.DenyOom, FirstKey = 1, LastKey = -1, KeyStep = 2, Write = write,
        Prepare = (_, args, reply) => CheckPairs(args, reply, name),
    };

    private static bool CheckPairs(CommandArgs args, RespWriter reply, string name)
    {
        if (args.Count % 2 == 1)
        {
            return true;
        }

        reply.Error(Errors.WrongArity(name));
        return false;
    }

    private static void SetAll(WriteContext context, CommandArgs args, RespWriter reply)
    {
        Store(context, args);
        reply.Ok();
    }

    private static void SetAllIfAbsent(WriteContext context, CommandArgs args, RespWriter reply)
    {
        var present = false;
        for (var i = 1; i < args.Count; i += 2)
        {
            present |= context.Has(args[i]);
        }

        if (present)
        {
            reply.Integer(0);
            return;
        }

        Store(context, args);
        reply.Integer(1);
    }

    private static void Store(WriteContext context, CommandArgs args)
    {
        for (var i = 1; i + 1 < args.Count; i += 2)
        {
            context.Table.Set(args[i], ValueKind.String, args[i + 1], 0);
        }
    }
}
