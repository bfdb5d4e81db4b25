using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>Looks at one segment, under its lock. Quick: what takes long is left to <see cref="FinishRead"/>.</summary>
internal delegate void ReadCommand(ReadContext context, CommandArgs args, RespWriter reply);

/// <summary>Goes on, after the lock was given back, with what a <see cref="ReadCommand"/> put into <see cref="ReadContext.Carried"/>.</summary>
internal delegate void FinishRead(object carried, RespWriter reply);

/// <summary>Changes one segment when its entry is applied. Deterministic: the same on every replica. Arguments are those that <see cref="PrepareWrite"/> left.</summary>
internal delegate void WriteCommand(WriteContext context, CommandArgs args, RespWriter reply);

/// <summary>
/// Checks a write on the leader before it is proposed, and resolves time and options into its arguments.
/// False: an error was written to the reply, and nothing is proposed.
/// </summary>
internal delegate bool PrepareWrite(PrepareContext context, CommandArgs args, RespWriter reply);

/// <summary>Answers from the node and the connection.</summary>
internal delegate NodeVerdict NodeCommand(ClientContext client, CommandArgs args, RespWriter reply);

/// <summary>
/// A row of the command table. Exactly one of <see cref="Read"/>, <see cref="Write"/> and <see cref="Node"/> is set, except on a container, which may have none.
/// COMMAND, routing and access checks read the same row.
/// </summary>
internal sealed class CommandSpec
{
    /// <summary>Lower case; a subcommand's is "container|name".</summary>
    public required string Name { get; init; }

    /// <summary>Number of arguments, the name (and a subcommand's name) included; negative: at least that many.</summary>
    public required int Arity { get; init; }

    public CommandFlags Flags { get; init; }

    /// <summary>Index of the first key; 0 where there is none.</summary>
    public int FirstKey { get; init; }

    /// <summary>Index of the last key; -1: the last argument, -2: the last but one.</summary>
    public int LastKey { get; init; }

    /// <summary>Distance from one key to the next.</summary>
    public int KeyStep { get; init; }

    /// <summary>Group of the documentation: "string", "generic", "connection", "server", "cluster".</summary>
    public required string Group { get; init; }

    /// <summary>Redis version that brought it.</summary>
    public required string Since { get; init; }

    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>Cost, for the documentation.</summary>
    public string Complexity { get; init; } = "O(1)";

    public ReadCommand? Read { get; init; }

    public FinishRead? Finish { get; init; }

    public WriteCommand? Write { get; init; }

    /// <summary>Null where the arguments are proposed as they came.</summary>
    public PrepareWrite? Prepare { get; init; }

    public NodeCommand? Node { get; init; }

    /// <summary>Rows of a container's subcommands.</summary>
    public IReadOnlyList<CommandSpec> Subcommands { get; init; } = [];

    public bool Has(CommandFlags flags) => (Flags & flags) == flags;

    /// <summary>Whether a call with that many arguments is right.</summary>
    public bool AcceptsCount(int count) => Arity >= 0 ? count == Arity : count >= -Arity;

    /// <summary>Index behind the last key of a call with that many arguments.</summary>
    public int KeysEnd(int count) => FirstKey == 0 ? 0 : Math.Min(count, (LastKey >= 0 ? LastKey : count + LastKey) + 1);

    /// <summary>The subcommand of that name, in any case; null where there is none.</summary>
    public CommandSpec? Subcommand(ReadOnlySpan<byte> name)
    {
        foreach (var spec in Subcommands)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(name, spec.Name.AsSpan(Name.Length + 1)))
            {
                return spec;
            }
        }

        return null;
    }
}
