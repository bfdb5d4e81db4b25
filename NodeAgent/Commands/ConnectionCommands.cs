using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>PING, ECHO, SELECT, QUIT, RESET, READONLY, READWRITE, ASKING, WAIT, TIME.</summary>
internal sealed class ConnectionCommands : ICommandFamily
{
    private const CommandFlags Quick = CommandFlags.Fast | CommandFlags.Connection;

    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Row("ping", -1, Quick, "connection", "1.0.0", "Returns the server's liveliness response.", Ping),
        Row("echo", 2, Quick, "connection", "1.0.0", "Returns the given string.", (_, args, reply) => reply.Bulk(args[1])),
        Row("select", 2, Quick, "connection", "1.0.0", "Changes the selected database.", Select),
        Row("readonly", 1, Quick, "cluster", "3.0.0", "Enables read-only queries for a connection to a Redis Cluster replica node.", (client, _, reply) => SetReadOnly(client, reply, true)),
        Row("readwrite", 1, Quick, "cluster", "3.0.0", "Enables read-write queries for a connection to a Redis Cluster replica node.", (client, _, reply) => SetReadOnly(client, reply, false)),

        // Nobody is ever sent on by ASK: the target of a move serves nothing before it owns. So the mark has no effect.
        Row("asking", 1, Quick | CommandFlags.Asking, "cluster", "3.0.0", "Signals that a cluster client is following an -ASK redirect.", (_, _, reply) => reply.Ok()),
        Row("wait", 3, CommandFlags.Connection, "generic", "3.0.0", "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.", Wait),
        Row("time", 1, CommandFlags.Fast | CommandFlags.Loading | CommandFlags.Stale, "server", "2.6.0", "Returns the server time.", Time),
        new()
        {
            Name = "quit", Arity = -1, Since = "1.0.0", Summary = "Closes the connection.", Group = "connection",
            Flags = Quick | CommandFlags.NoAuth | CommandFlags.Loading | CommandFlags.Stale, Node = (_, _, reply) =>
            {
                reply.Ok();
                return NodeVerdict.Close;
            },
        },
        new()
        {
            Name = "reset", Arity = 1, Since = "6.2.0", Summary = "Resets the connection.", Group = "connection",
            Flags = Quick | CommandFlags.NoAuth | CommandFlags.Loading | CommandFlags.Stale, Node = (client, _, reply) =>
            {
                client.Session.Reset(authenticated: client.Services.Options.Password.Length == 0);
                reply.Simple("RESET");
                return NodeVerdict.Replied;
            },
        },
    ];

    private static CommandSpec Row(
        string name, int arity, CommandFlags flags, string group, string since, string summary, Action<ClientContext, CommandArgs, RespWriter> answer) => new()
    {
        Name = name, Arity = arity, Since = since, Summary = summary, Group = group, Flags = flags | CommandFlags.Loading | CommandFlags.Stale,
        Node = (client, args, reply) =>
        {
            answer(client, args, reply);
            return NodeVerdict.Replied;
        },
    };

    private static void Ping(ClientContext client, CommandArgs args, RespWriter reply)
    {
        switch (args.Count)
        {
            case 1:
                reply.Raw("+PONG\r\n"u8);
                break;
            case 2:
                reply.Bulk(args[1]);
                break;
            default:
                reply.Error(Errors.WrongArity("ping"));
                break;
        }
    }

    private static void Select(ClientContext client, CommandArgs args, RespWriter reply)
    {
        if (!RespNumber.TryParseInteger(args[1], out var database))
        {
            reply.Error(Errors.NotInteger);
        }
        else if (database != 0)
        {
            reply.Error("ERR SELECT is not allowed in cluster mode");
        }
        else
        {
            reply.Ok();
        }
    }

    private static void SetReadOnly(ClientContext client, RespWriter reply, bool readOnly)
    {
        client.Session.ReadOnly = readOnly;
        reply.Ok();
    }

    /// <summary>
    /// A write is acknowledged when a majority has it on disk, so every acknowledged write of this connection is on a majority less the leader: that is the answer,
    /// at once. More than that is not known of a particular write, and is not waited for.
    /// </summary>
    private static void Wait(ClientContext client, CommandArgs args, RespWriter reply)
    {
        if (!RespNumber.TryParseInteger(args[1], out _))
        {
            reply.Error(Errors.NotInteger);
            return;
        }

        if (!RespNumber.TryParseInteger(args[2], out var timeoutMs))
        {
            reply.Error("ERR timeout is not an integer or out of range");
            return;
        }

        if (timeoutMs < 0)
        {
            reply.Error("ERR timeout is negative");
            return;
        }

        var shards = client.Services.View.Map.Shards;
        reply.Integer(shards.IsEmpty ? 0 : shards.Min(s => s.Replicas.Length) / 2);
    }

    private static void Time(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var micros = (client.Services.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        reply.Array(2);
        reply.BulkInteger(micros / 1_000_000);
        reply.BulkInteger(micros % 1_000_000);
    }
}
