using System.Collections.Concurrent;
using System.Globalization;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>
/// What CONFIG GET shows: the parameters of this node under Redis's names, and those that clients and tools touch. Those that can be set change nothing
/// but what CONFIG GET shows; what would change something is fixed, because options are read at the start. Safe for concurrent use.
/// </summary>
internal sealed class ConfigParameters
{
    private readonly ConcurrentDictionary<string, string> settable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> pinned;

    public ConfigParameters(ClientProtocolOptions options, NodeFacts facts)
    {
        pinned = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["appendfsync"] = "always", ["appendonly"] = "yes", ["bind"] = facts.Bind, ["cluster-enabled"] = "yes", ["databases"] = "1", ["dir"] = facts.DataFolder,
            ["maxclients"] = Text(options.MaxClients), ["maxmemory"] = Text(facts.MaxMemoryBytes), ["maxmemory-policy"] = "noeviction", ["port"] = Text(facts.ClientPort),
            ["proto-max-bulk-len"] = Text(options.Limits.MaxBulkBytes), ["replica-read-only"] = "yes", ["slave-read-only"] = "yes", ["requirepass"] = options.Password,
            ["save"] = "", ["timeout"] = "0", ["io-threads"] = "1", ["cluster-slot-stats-enabled"] = "no", ["notify-keyspace-events"] = "",
        };
        foreach (var (name, value) in new[]
        {
            ("latency-monitor-threshold", "0"), ("slowlog-log-slower-than", "10000"), ("slowlog-max-len", "128"), ("hz", "10"), ("loglevel", "notice"),
            ("tcp-keepalive", "300"), ("lua-time-limit", "5000"), ("list-max-listpack-size", "-2"), ("hash-max-listpack-entries", "128"),
            ("client-output-buffer-limit", "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"), ("lazyfree-lazy-user-del", "no"),
        })
        {
            settable[name] = value;
        }
    }

    /// <summary>All parameters, by name.</summary>
    public IEnumerable<KeyValuePair<string, string>> All => pinned.Concat(settable).OrderBy(p => p.Key, StringComparer.Ordinal);

    /// <summary>Null when it is set; else the error.</summary>
    public string? Set(string name, string value)
    {
        if (pinned.TryGetValue(name, out var current))
        {
            return current == value ? null : $"ERR CONFIG SET failed (possibly related to argument '{name}') - can't set immutable config";
        }

        if (!settable.ContainsKey(name))
        {
            return $"ERR Unknown option or number of arguments for CONFIG SET - '{name}'";
        }

        settable[name] = value;
        return null;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
