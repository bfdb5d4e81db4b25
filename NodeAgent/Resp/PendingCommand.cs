using System.Text;
using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Routing;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>The command that a connection is about to execute: its row, its slot, or the error that it gets instead. One per connection, used for each command.</summary>
internal sealed class PendingCommand(ClientServices services, ClientSession session)
{
    private const int ShownName = 128;

    /// <summary>The row it is judged by; null where there is none.</summary>
    public CommandSpec? Spec { get; private set; }

    /// <summary>Hash slot of its keys; meaningless without keys.</summary>
    public int Slot { get; private set; }

    /// <summary>The error that answers it without anything being executed; null where there is none.</summary>
    public string? Refusal { get; set; }

    /// <summary>Whether it runs on a worker of its own already.</summary>
    public bool IsOffloaded { get; set; }

    /// <summary>Where the read went that met expired keys.</summary>
    public CommandRoute ReadRoute { get; set; }

    /// <summary>The change that a held command waits for: taken before the decision to hold it.</summary>
    public Task Change { get; set; } = Task.CompletedTask;

    /// <summary>Looks at a command that was just parsed.</summary>
    public void Begin(CommandArgs args)
    {
        IsOffloaded = false;
        Spec = services.Commands.Find(args);
        Refusal = Check(args);
    }

    private string? Check(CommandArgs args)
    {
        if (Spec is null)
        {
            return UnknownCommand(args);
        }

        if (Spec.Subcommands.Count > 0 && args.Count > 1)
        {
            return $"ERR unknown subcommand '{Show(args[1])}'. Try {Spec.Name.ToUpperInvariant()} HELP.";
        }

        if (!Spec.AcceptsCount(args.Count))
        {
            return Errors.WrongArity(Spec.Name);
        }

        if (!session.Authenticated && !Spec.Has(CommandFlags.NoAuth))
        {
            return "NOAUTH Authentication required.";
        }

        return Spec.FirstKey > 0 ? CheckKeys(args) : null;
    }

    private string? CheckKeys(CommandArgs args)
    {
        var limit = services.Options.MaxKeyBytes;
        var end = Spec!.KeysEnd(args.Count);
        for (var i = Spec.FirstKey; i < end; i += Spec.KeyStep)
        {
            if (args[i].Length > limit)
            {
                return $"ERR key of {args[i].Length} bytes is over the limit of {limit} bytes ({ClientProtocolOptions.Section}:{nameof(ClientProtocolOptions.MaxKeyBytes)})";
            }
        }

        Slot = CommandRouter.SlotOf(Spec, args);
        return Slot == CommandRouter.CrossSlot ? Replies.CrossSlot : null;
    }

    private static string UnknownCommand(CommandArgs args)
    {
        var text = new StringBuilder($"ERR unknown command '{Show(args[0])}', with args beginning with: ");
        var shown = 0;
        for (var i = 1; i < args.Count && shown < ShownName; i++)
        {
            var part = Encoding.UTF8.GetString(args[i][..Math.Min(args[i].Length, ShownName - shown)]);
            text.Append('\'').Append(part).Append("' ");
            shown += part.Length + 3;
        }

        return text.ToString();
    }

    private static string Show(ReadOnlySpan<byte> word) => Encoding.UTF8.GetString(word[..Math.Min(word.Length, ShownName)]);
}
