using System.Globalization;
using System.Text;
using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>CLIENT: ID, GETNAME, SETNAME, SETINFO, INFO, LIST, NO-EVICT, NO-TOUCH, REPLY.</summary>
internal sealed class ClientCommand : ICommandFamily
{
    public const string BadName = "ERR Client names cannot contain spaces, newlines or special characters.";

    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new()
        {
            Name = "client", Arity = -2, Since = "2.4.0", Summary = "A container for client connection commands.", Group = "connection",
            Subcommands =
            [
                Row("id", 2, "5.0.0", "Returns the unique client ID of the connection.", (client, _, reply) => reply.Integer(client.Session.Id)),
                Row("getname", 2, "2.6.9", "Returns the name of the connection.", GetName),
                Row("setname", 3, "2.6.9", "Sets the connection name.", SetName),
                Row("setinfo", 4, "7.2.0", "Sets information specific to the client or connection.", SetInfo),
                Row("info", 2, "6.2.0", "Returns information about the connection.", (client, _, reply) => reply.Verbatim("txt", Describe(client, client.Session))),
                Row("list", -2, "2.4.0", "Lists open connections.", List),
                Row("no-evict", 3, "7.0.0", "Sets the client eviction mode of the connection.", (client, args, reply) => Switch(args, reply, on => client.Session.NoEvict = on)),
                Row("no-touch", 3, "7.2.0", "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.", (client, args, reply) => Switch(args, reply, on => client.Session.NoTouch = on)),
                Row("reply", 3, "3.2.0", "Instructs the server whether to reply to commands.", SetReply),
                Help.Row("client", "connection", "5.0.0",
                    "GETNAME", "    Return the name of the current connection.",
                    "ID", "    Return the ID of the current connection.",
                    "INFO", "    Return information about the current client connection.",
                    "LIST [options ...]", "    Return information about client connections. Options:", "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)", "      Return clients of specified type.",
                    "NO-EVICT (ON|OFF)", "    Protect current client connection from eviction.",
                    "NO-TOUCH (ON|OFF)", "    Will not touch LRU/LFU stats when this mode is on.",
                    "REPLY (ON|OFF|SKIP)", "    Control the replies sent to the current connection.",
                    "SETINFO <option> <value>", "    Set client meta attr. Options are:", "    * LIB-NAME: the client lib name.", "    * LIB-VER: the client lib version.",
                    "SETNAME <name>", "    Assign the name <name> to the current connection."),
            ],
        },
    ];

    /// <summary>Whether a name or version has no blank and nothing unprintable.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> text) => text.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0;

    private static CommandSpec Row(string name, int arity, string since, string summary, Action<ClientContext, CommandArgs, RespWriter> answer) => new()
    {
        Name = "client|" + name, Arity = arity, Since = since, Summary = summary, Group = "connection",
        Flags = CommandFlags.Connection | CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale,
        Node = (client, args, reply) =>
        {
            answer(client, args, reply);
            return NodeVerdict.Replied;
        },
    };

    private static void GetName(ClientContext client, CommandArgs args, RespWriter reply)
    {
        if (client.Session.Name.Length == 0)
        {
            reply.Null();
            return;
        }

        reply.Bulk(client.Session.Name);
    }

    private static void SetName(ClientContext client, CommandArgs args, RespWriter reply)
    {
        if (!IsPlain(args[2]))
        {
            reply.Error(BadName);
            return;
        }

        client.Session.Name = Encoding.ASCII.GetString(args[2]);
        reply.Ok();
    }

    private static void SetInfo(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var isName = args.Is(2, "LIB-NAME"u8);
        if (!isName && !args.Is(2, "LIB-VER"u8))
        {
            reply.Error($"ERR Unrecognized option '{Encoding.UTF8.GetString(args[2])}'");
            return;
        }

        if (!IsPlain(args[3]))
        {
            reply.Error($"ERR {(isName ? "lib-name" : "lib-ver")} cannot contain spaces, newlines or special characters.");
            return;
        }

        var text = Encoding.ASCII.GetString(args[3]);
        if (isName)
        {
            client.Session.LibraryName = text;
        }
        else
        {
            client.Session.LibraryVersion = text;
        }

        reply.Ok();
    }

    private static void List(ClientContext client, CommandArgs args, RespWriter reply)
    {
        IEnumerable<ClientSession> sessions = client.Services.Clients.All;
        if (args.Count == 4 && args.Is(2, "TYPE"u8))
        {
            if (!args.Is(3, "NORMAL"u8) && !args.Is(3, "MASTER"u8) && !args.Is(3, "REPLICA"u8) && !args.Is(3, "SLAVE"u8) && !args.Is(3, "PUBSUB"u8))
            {
                reply.Error($"ERR Unknown client type '{Encoding.UTF8.GetString(args[3])}'");
                return;
            }

            sessions = args.Is(3, "NORMAL"u8) ? sessions : [];
        }
        else if (args.Count > 3 && args.Is(2, "ID"u8))
        {
            var wanted = new HashSet<long>();
            for (var i = 3; i < args.Count; i++)
            {
                if (!RespNumber.TryParseInteger(args[i], out var id) || id < 1)
                {
                    reply.Error("ERR Invalid client ID");
                    return;
                }

                wanted.Add(id);
            }

            sessions = sessions.Where(s => wanted.Contains(s.Id));
        }
        else if (args.Count > 2)
        {
            reply.Error(Errors.Syntax);
            return;
        }

        reply.Verbatim("txt", string.Concat(sessions.Select(s => Describe(client, s))));
    }

    private static string Describe(ClientContext client, ClientSession session)
    {
        var clock = client.Services.Clock;
        var age = (long)(clock.GetUtcNow() - session.ConnectedAt).TotalSeconds;
        var idle = session.LastCommandAt == 0 ? age : (long)clock.GetElapsedTime(session.LastCommandAt).TotalSeconds;
        var flags = session.ReadOnly ? "r" : "N";
        return string.Create(CultureInfo.InvariantCulture,
            $"id={session.Id} addr={session.Address} laddr={session.LocalAddress} fd=-1 name={session.Name} age={age} idle={idle} flags={flags} db=0 sub=0 psub=0 ssub=0 multi=-1 "
            + $"qbuf={session.InputBytes} qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl={session.OutputBytes} oll=0 omem={session.OutputBytes} tot-mem={session.InputBytes + session.OutputBytes} "
            + $"events=r cmd={(session.LastCommand.Length == 0 ? "NULL" : session.LastCommand)} user=default redir=-1 resp={session.Protocol} lib-name={session.LibraryName} lib-ver={session.LibraryVersion}\n");
    }

    private static void Switch(CommandArgs args, RespWriter reply, Action<bool> set)
    {
        if (!args.Is(2, "ON"u8) && !args.Is(2, "OFF"u8))
        {
            reply.Error(Errors.Syntax);
            return;
        }

        set(args.Is(2, "ON"u8));
        reply.Ok();
    }

    private static void SetReply(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var session = client.Session;
        if (args.Is(2, "ON"u8))
        {
            session.Replies = ReplyMode.On;
            reply.Ok();
        }
        else if (args.Is(2, "OFF"u8))
        {
            session.Replies = ReplyMode.Off;
        }
        else if (args.Is(2, "SKIP"u8))
        {
            session.Replies = session.Replies == ReplyMode.Off ? ReplyMode.Off : ReplyMode.SkipNext;
        }
        else
        {
            reply.Error(Errors.Syntax);
        }
    }
}
