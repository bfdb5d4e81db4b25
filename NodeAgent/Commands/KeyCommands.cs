using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>DEL, UNLINK, EXISTS, TOUCH, TYPE.</summary>
internal sealed class KeyCommands : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Row("del", -2, -1, CommandFlags.Write, "1.0.0", "Deletes one or more keys.", write: Delete),
        Row("unlink", -2, -1, CommandFlags.Write | CommandFlags.Fast, "4.0.0", "Asynchronously deletes one or more keys.", write: Delete),
        Row("exists", -2, -1, CommandFlags.ReadOnly | CommandFlags.Fast, "1.0.0", "Determines whether one or more keys exist.", read: Count),
        Row("touch", -2, -1, CommandFlags.ReadOnly | CommandFlags.Fast, "3.2.1", "Returns the number of existing keys out of those specified after updating the time they were last accessed.", read: Count),
        Row("type", 2, 1, CommandFlags.ReadOnly | CommandFlags.Fast, "1.0.0", "Determines the type of value stored at a key.", read: TypeOf),
    ];

    /// <summary>Name of a kind of value, as TYPE says it.</summary>
    public static string NameOf(ValueKind kind) => kind switch
    {
        ValueKind.String => "string",
        ValueKind.Hash => "hash",
        ValueKind.List => "list",
        ValueKind.Set => "set",
        ValueKind.SortedSet => "zset",
        _ => "none",
    };

    private static CommandSpec Row(
        string name, int arity, int lastKey, CommandFlags flags, string since, string summary, ReadCommand? read = null, WriteCommand? write = null) => new()
    {
        Name = name, Arity = arity, Since = since, Summary = summary, Group = "generic", Complexity = lastKey < 0 ? "O(N)" : "O(1)", Flags = flags,
        FirstKey = 1, LastKey = lastKey, KeyStep = 1, Read = read, Write = write,
    };

    private static void Delete(WriteContext context, CommandArgs args, RespWriter reply)
    {
        var deleted = 0;
        for (var i = 1; i < args.Count; i++)
        {
            if (context.Has(args[i]))
            {
                context.Table.Remove(args[i]);
                deleted++;
            }
        }

        reply.Integer(deleted);
    }

    private static void Count(ReadContext context, CommandArgs args, RespWriter reply)
    {
        var found = 0;
        for (var i = 1; i < args.Count; i++)
        {
            found += context.TryGet(args[i], out _) ? 1 : 0;
        }

        reply.Integer(found);
    }

    private static void TypeOf(ReadContext context, CommandArgs args, RespWriter reply) =>
        reply.Simple(NameOf(context.TryGet(args[1], out var value) ? value.Kind : default));
}
