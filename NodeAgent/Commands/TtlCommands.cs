using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>TTL, PTTL, EXPIRETIME, PEXPIRETIME.</summary>
internal sealed class TtlCommands : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        Row("ttl", "1.0.0", "Returns the expiration time in seconds of a key.", relative: true, seconds: true),
        Row("pttl", "2.6.0", "Returns the expiration time in milliseconds of a key.", relative: true, seconds: false),
        Row("expiretime", "7.0.0", "Returns the expiration time of a key as a Unix timestamp.", relative: false, seconds: true),
        Row("pexpiretime", "7.0.0", "Returns the expiration time of a key as a Unix milliseconds timestamp.", relative: false, seconds: false),
    ];

    private static CommandSpec Row(string name, string since, string summary, bool relative, bool seconds) => new()
    {
        Name = name, Arity = 2, Since = since, Summary = summary, Group = "generic", Flags = CommandFlags.ReadOnly | CommandFlags.Fast,
        FirstKey = 1, LastKey = 1, KeyStep = 1, Read = (context, args, reply) => Answer(context, args, reply, relative, seconds),
    };

    private static void Answer(ReadContext context, CommandArgs args, RespWriter reply, bool relative, bool seconds)
    {
        if (!context.TryGet(args[1], out var value))
        {
            reply.Integer(-2);
        }
        else if (value.ExpiresAtMs == 0)
        {
            reply.Integer(-1);
        }
        else
        {
            var time = relative ? Math.Max(0, value.ExpiresAtMs - context.NowMs) : value.ExpiresAtMs;
            reply.Integer(seconds ? (time + 500) / 1000 : time);
        }
    }
}
