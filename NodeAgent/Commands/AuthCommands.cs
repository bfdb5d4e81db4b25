using System.Security.Cryptography;
using System.Text;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>AUTH, HELLO.</summary>
internal sealed class AuthCommands : ICommandFamily
{
    private const string WrongPassword = "WRONGPASS invalid username-password pair or user is disabled.";
    private const string NotAsked = "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?";
    private const string HelloNeedsAuth = "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time";
    private const CommandFlags Quick = CommandFlags.Fast | CommandFlags.Connection | CommandFlags.NoAuth | CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale;

    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new() { Name = "auth", Arity = -2, Since = "1.0.0", Summary = "Authenticates the connection.", Group = "connection", Flags = Quick, Node = Authenticate },
        new() { Name = "hello", Arity = -1, Since = "6.0.0", Summary = "Handshakes with the Redis server.", Group = "connection", Flags = Quick, Node = Hello },
    ];

    private static NodeVerdict Authenticate(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var error = args.Count > 3 ? Errors.Syntax
            : args.Count == 2 && client.Services.Options.Password.Length == 0 ? NotAsked
            : Check(client, args.Count == 3 ? args[1] : "default"u8, args[args.Count - 1]);
        if (error is not null)
        {
            reply.Error(error);
            return NodeVerdict.Replied;
        }

        client.Session.Authenticated = true;
        reply.Ok();
        return NodeVerdict.Replied;
    }

    /// <summary>Null when user and password are right. Takes the same time for every wrong password of one length.</summary>
    private static string? Check(ClientContext client, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password)
    {
        var wanted = Encoding.UTF8.GetBytes(client.Services.Options.Password);
        return user.SequenceEqual("default"u8) && (wanted.Length == 0 || CryptographicOperations.FixedTimeEquals(password, wanted)) ? null : WrongPassword;
    }

    private static NodeVerdict Hello(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var error = Apply(client, args);
        if (error is not null)
        {
            reply.Error(error);
            return NodeVerdict.Replied;
        }

        // The client's new protocol holds from this reply on.
        Answer(client, reply.With(client.Session.Protocol));
        return NodeVerdict.Replied;
    }

    private static string? Apply(ClientContext client, CommandArgs args)
    {
        var session = client.Session;
        var (protocol, name, authenticated) = ((long)session.Protocol, (string?)null, session.Authenticated);
        if (args.Count > 1 && !RespNumber.TryParseInteger(args[1], out protocol))
        {
            return "ERR Protocol version is not an integer or out of range";
        }

        if (protocol is < 2 or > 3)
        {
            return "NOPROTO unsupported protocol version";
        }

        for (var i = 2; i < args.Count; i++)
        {
            if (args.Is(i, "AUTH"u8) && i + 2 < args.Count)
            {
                if (Check(client, args[i + 1], args[i + 2]) is { } wrong)
                {
                    return wrong;
                }

                authenticated = true;
                i += 2;
            }
            else if (args.Is(i, "SETNAME"u8) && i + 1 < args.Count)
            {
                if (!ClientCommand.IsPlain(args[++i]))
                {
                    return ClientCommand.BadName;
                }

                name = Encoding.UTF8.GetString(args[i]);
            }
            else
            {
                return $"ERR Syntax error in HELLO option '{Encoding.UTF8.GetString(args[i])}'";
            }
        }

        if (!authenticated)
        {
            return HelloNeedsAuth;
        }

        session.Authenticated = true;
        session.Protocol = (int)protocol;
        session.Name = name ?? session.Name;
        return null;
    }

    private static void Answer(ClientContext client, RespWriter reply)
    {
        var topology = ClusterTopology.Of(client.Services.View);
        var self = topology.Nodes.FirstOrDefault(n => n.Member.Id == client.Services.View.Self);
        reply.Map(7);
        reply.Bulk("server"u8);
        reply.Bulk("redis"u8);
        reply.Bulk("version"u8);
        reply.Bulk(NodeFacts.RedisVersion);
        reply.Bulk("proto"u8);
        reply.Integer(client.Session.Protocol);
        reply.Bulk("id"u8);
        reply.Integer(client.Session.Id);
        reply.Bulk("mode"u8);
        reply.Bulk("cluster"u8);
        reply.Bulk("role"u8);
        reply.Bulk(self is { IsMaster: false } ? "replica"u8 : "master"u8);
        reply.Bulk("modules"u8);
        reply.Array(0);
    }
}
