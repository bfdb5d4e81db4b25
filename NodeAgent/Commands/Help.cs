namespace ShardConsole.NodeAgent.Commands;

/// <summary>HELP of a container command, as Redis lays it out.</summary>
internal static class Help
{
    /// <param name="container">The container's name.</param>
    /// <param name="group">Its group.</param>
    /// <param name="since">Redis version that brought the help.</param>
    /// <param name="lines">What stands between Redis's first line and its last two.</param>
    public static CommandSpec Row(string container, string group, string since, params string[] lines) => new()
    {
        Name = container + "|help", Arity = 2, Since = since, Summary = "Returns helpful text about the different subcommands.", Group = group,
        Flags = CommandFlags.Loading | CommandFlags.Stale,
        Node = (_, _, reply) =>
        {
            string[] all =
            [
                $"{container.ToUpperInvariant()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", .. lines, "HELP", "    Print this help.",
            ];
            reply.Array(all.Length);
            foreach (var line in all)
            {
                reply.Simple(line);
            }

            return NodeVerdict.Replied;
        },
    };
}
