using System.Text;
using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>INFO and its sections, see <see cref="InfoSections"/>.</summary>
internal sealed class InfoCommand : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new()
        {
            Name = "info", Arity = -1, Since = "1.0.0", Summary = "Returns information and statistics about the server.", Group = "server",
            Flags = CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Dangerous, Node = Answer,
        },
    ];

    private static NodeVerdict Answer(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 1; i < args.Count; i++)
        {
            wanted.Add(Encoding.UTF8.GetString(args[i]).ToLowerInvariant());
        }

        var all = wanted.Count == 0 || wanted.Contains("default") || wanted.Contains("all") || wanted.Contains("everything");
        var text = new StringBuilder();
        foreach (var section in InfoSections.All.Where(s => all || wanted.Contains(s.Name.ToLowerInvariant())))
        {
            text.Append(text.Length > 0 ? "\r\n" : "").Append("# ").Append(section.Name).Append("\r\n");
            foreach (var (name, value) in section.Fields(client.Services))
            {
                text.Append(name).Append(':').Append(value).Append("\r\n");
            }
        }

        reply.Verbatim("txt", text.ToString());
        return NodeVerdict.Replied;
    }
}
