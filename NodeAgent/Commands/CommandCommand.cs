using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>COMMAND, COMMAND COUNT, LIST, INFO, DOCS, GETKEYS: the command table itself.</summary>
internal sealed class CommandCommand : ICommandFamily
{
    private const CommandFlags Flags = CommandFlags.Loading | CommandFlags.Stale;

    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new()
        {
            Name = "command", Arity = -1, Since = "2.8.13", Summary = "Returns detailed information about all commands.", Group = "server", Complexity = "O(N)", Flags = Flags,
            Node = (client, args, reply) =>
            {
                reply.Array(client.Services.Commands.All.Count);
                foreach (var spec in client.Services.Commands.All)
                {
                    CommandDescription.WriteInfo(spec, reply);
                }

                return NodeVerdict.Replied;
            },
            Subcommands =
            [
                Row("count", 2, "2.8.13", "Returns a count of commands.", (client, _, reply) => reply.Integer(client.Services.Commands.All.Count)),
                Row("list", 2, "7.0.0", "Returns a list of command names.", List),
                Row("info", -2, "2.8.13", "Returns information about one, multiple or all commands.", Info),
                Row("docs", -2, "7.0.0", "Returns documentary information about one, multiple or all commands.", Docs),
                Row("getkeys", -4, "2.8.13", "Extracts the key names from an arbitrary command.", GetKeys),
                Help.Row("command", "server", "5.0.0",
                    "(no subcommand)", "    Return details about all Redis commands.",
                    "COUNT", "    Return the total number of commands in this Redis server.",
                    "LIST", "    Return a list of all commands in this Redis server.",
                    "INFO [<command-name> ...]", "    Return details about multiple Redis commands.", "    If no command names are given, documentation details for all", "    commands are returned.",
                    "DOCS [<command-name> ...]", "    Return documentation details about multiple Redis commands.", "    If no command names are given, documentation details for all", "    commands are returned.",
                    "GETKEYS <full-command>", "    Return the keys from a full Redis command."),
            ],
        },
    ];

    private static CommandSpec Row(string name, int arity, string since, string summary, Action<ClientContext, CommandArgs, RespWriter> answer) => new()
    {
        Name = "command|" + name, Arity = arity, Since = since, Summary = summary, Group = "server", Flags = Flags, Complexity = "O(N)",
        Node = (client, args, reply) =>
        {
            answer(client, args, reply);
            return NodeVerdict.Replied;
        },
    };

    /// <summary>The commands named from argument <paramref name="from"/> on, subcommands as "container|name"; null for those that are not there. All of them where none is named.</summary>
    private static List<CommandSpec?> Named(ClientContext client, CommandArgs args, int from)
    {
        var table = client.Services.Commands;
        if (args.Count == from)
        {
            return [.. table.All];
        }

        var named = new List<CommandSpec?>();
        for (var i = from; i < args.Count; i++)
        {
            var bar = args[i].IndexOf((byte)'|');
            named.Add(bar < 0 ? table.Find(args[i]) : table.Find(args[i][..bar])?.Subcommand(args[i][(bar + 1)..]));
        }

        return named;
    }

    private static void List(ClientContext client, CommandArgs args, RespWriter reply)
    {
        reply.Array(client.Services.Commands.All.Count);
        foreach (var spec in client.Services.Commands.All)
        {
            reply.Bulk(spec.Name);
        }
    }

    private static void Info(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var named = Named(client, args, 2);
        reply.Array(named.Count);
        foreach (var spec in named)
        {
            if (spec is null)
            {
                reply.Null();
            }
            else
            {
                CommandDescription.WriteInfo(spec, reply);
            }
        }
    }

    private static void Docs(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var named = Named(client, args, 2).OfType<CommandSpec>().ToList();
        reply.Map(named.Count);
        foreach (var spec in named)
        {
            CommandDescription.WriteDocs(spec, reply);
        }
    }

    private static void GetKeys(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var spec = client.Services.Commands.Find(args[2]);
        spec = spec is { Subcommands.Count: > 0 } && args.Count > 3 ? spec.Subcommand(args[3]) ?? spec : spec;
        if (spec is null)
        {
            reply.Error("ERR Invalid command specified");
            return;
        }

        if (spec.FirstKey == 0)
        {
            reply.Error("ERR The command has no key arguments");
            return;
        }

        var count = args.Count - 2;
        if (!spec.AcceptsCount(count))
        {
            reply.Error("ERR Invalid number of arguments specified for command");
            return;
        }

        var end = spec.KeysEnd(count);
        reply.Array((end - spec.FirstKey + spec.KeyStep - 1) / spec.KeyStep);
        for (var i = spec.FirstKey; i < end; i += spec.KeyStep)
        {
            reply.Bulk(args[2 + i]);
        }
    }
}
