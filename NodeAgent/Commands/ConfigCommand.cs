using System.Text;
using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>CONFIG GET, SET, RESETSTAT.</summary>
internal sealed class ConfigCommand : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new()
        {
            Name = "config", Arity = -2, Since = "2.0.0", Summary = "A container for server configuration commands.", Group = "server",
            Subcommands =
            [
                Row("get", -3, "2.0.0", "Returns the effective values of configuration parameters.", Get),
                Row("set", -4, "2.0.0", "Sets configuration parameters in-flight.", Set),
                Row("resetstat", 2, "2.0.0", "Resets the server's statistics.", (client, _, reply) =>
                {
                    client.Services.Stats.Reset();
                    reply.Ok();
                }),
                Help.Row("config", "server", "5.0.0",
                    "GET <pattern>", "    Return parameters matching the glob-like <pattern> and their values.",
                    "SET <directive> <value>", "    Set the configuration <directive> to <value>.",
                    "RESETSTAT", "    Reset statistics reported by the INFO command."),
            ],
        },
    ];

    private static CommandSpec Row(string name, int arity, string since, string summary, Action<ClientContext, CommandArgs, RespWriter> answer) => new()
    {
        Name = "config|" + name, Arity = arity, Since = since, Summary = summary, Group = "server",
        Flags = CommandFlags.Admin | CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Dangerous,
        Node = (client, args, reply) =>
        {
            answer(client, args, reply);
            return NodeVerdict.Replied;
        },
    };

    private static void Get(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in client.Services.Config.All)
        {
            for (var i = 2; i < args.Count; i++)
            {
                if (GlobPattern.Matches(args[i], Encoding.ASCII.GetBytes(name), ignoreCase: true))
                {
                    found[name] = value;
                }
            }
        }

        reply.Map(found.Count);
        foreach (var (name, value) in found)
        {
            reply.Bulk(name);
            reply.Bulk(value);
        }
    }

    private static void Set(ClientContext client, CommandArgs args, RespWriter reply)
    {
        if (args.Count % 2 != 0)
        {
            reply.Error(Errors.WrongArity("config|set"));
            return;
        }

        for (var i = 2; i < args.Count; i += 2)
        {
            var name = Encoding.UTF8.GetString(args[i]).ToLowerInvariant();
            if (client.Services.Config.Set(name, Encoding.UTF8.GetString(args[i + 1])) is { } error)
            {
                reply.Error(error);
                return;
            }
        }

        reply.Ok();
    }
}
