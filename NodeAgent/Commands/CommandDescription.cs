using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>Writes rows of the command table as COMMAND INFO and COMMAND DOCS have them.</summary>
internal static class CommandDescription
{
    private static readonly (CommandFlags Flag, string Name)[] FlagNames =
    [
        (CommandFlags.Write, "write"), (CommandFlags.ReadOnly, "readonly"), (CommandFlags.DenyOom, "denyoom"), (CommandFlags.Admin, "admin"),
        (CommandFlags.NoScript, "noscript"), (CommandFlags.Loading, "loading"), (CommandFlags.Stale, "stale"), (CommandFlags.Asking, "asking"),
        (CommandFlags.Fast, "fast"), (CommandFlags.NoAuth, "no_auth"),
    ];

    public static void WriteInfo(CommandSpec spec, RespWriter reply)
    {
        reply.Array(10);
        reply.Bulk(spec.Name);
        reply.Integer(spec.Arity);
        WriteSet(FlagNames.Where(f => spec.Has(f.Flag)).Select(f => f.Name), reply);
        reply.Integer(spec.FirstKey);
        reply.Integer(spec.LastKey);
        reply.Integer(spec.KeyStep);
        WriteSet(Categories(spec), reply);
        reply.Array(0);
        WriteKeySpecs(spec, reply);
        reply.Array(spec.Subcommands.Count);
        foreach (var subcommand in spec.Subcommands)
        {
            WriteInfo(subcommand, reply);
        }
    }

    public static void WriteDocs(CommandSpec spec, RespWriter reply)
    {
        reply.Bulk(spec.Name);
        reply.Map(spec.Subcommands.Count > 0 ? 5 : 4);
        reply.Bulk("summary"u8);
        reply.Bulk(spec.Summary);
        reply.Bulk("since"u8);
        reply.Bulk(spec.Since);
        reply.Bulk("group"u8);
        reply.Bulk(spec.Group);
        reply.Bulk("complexity"u8);
        reply.Bulk(spec.Complexity);
        if (spec.Subcommands.Count > 0)
        {
            reply.Bulk("subcommands"u8);
            reply.Map(spec.Subcommands.Count);
            foreach (var subcommand in spec.Subcommands)
            {
                WriteDocs(subcommand, reply);
            }
        }
    }

    private static IEnumerable<string> Categories(CommandSpec spec)
    {
        if (spec.Has(CommandFlags.Write))
        {
            yield return "@write";
        }

        if (spec.Has(CommandFlags.ReadOnly))
        {
            yield return "@read";
        }

        if (spec.Group == "string")
        {
            yield return "@string";
        }

        if (spec.Group == "generic")
        {
            yield return "@keyspace";
        }

        if (spec.Has(CommandFlags.Admin))
        {
            yield return "@admin";
        }

        if (spec.Has(CommandFlags.Dangerous) || spec.Has(CommandFlags.Admin))
        {
            yield return "@dangerous";
        }

        if (spec.Group == "connection")
        {
            yield return "@connection";
        }

        yield return spec.Has(CommandFlags.Fast) ? "@fast" : "@slow";
    }

    private static void WriteSet(IEnumerable<string> words, RespWriter reply)
    {
        var all = words.ToList();
        reply.Set(all.Count);
        foreach (var word in all)
        {
            reply.Simple(word);
        }
    }

    private static void WriteKeySpecs(CommandSpec spec, RespWriter reply)
    {
        if (spec.FirstKey == 0)
        {
            reply.Array(0);
            return;
        }

        reply.Array(1);
        reply.Map(3);
        reply.Bulk("flags"u8);
        WriteSet(spec.Has(CommandFlags.Write) ? ["RW"] : ["RO", "access"], reply);
        reply.Bulk("begin_search"u8);
        reply.Map(2);
        reply.Bulk("type"u8);
        reply.Bulk("index"u8);
        reply.Bulk("spec"u8);
        reply.Map(1);
        reply.Bulk("index"u8);
        reply.Integer(spec.FirstKey);
        reply.Bulk("find_keys"u8);
        reply.Map(2);
        reply.Bulk("type"u8);
        reply.Bulk("range"u8);
        reply.Bulk("spec"u8);
        reply.Map(3);
        reply.Bulk("lastkey"u8);
        reply.Integer(spec.LastKey < 0 ? spec.LastKey : spec.LastKey - spec.FirstKey);
        reply.Bulk("keystep"u8);
        reply.Integer(spec.KeyStep);
        reply.Bulk("limit"u8);
        reply.Integer(0);
    }
}
