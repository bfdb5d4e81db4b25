using System.Globalization;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>A section of INFO: its name and its lines.</summary>
internal sealed record InfoSection(string Name, Func<ClientServices, IEnumerable<(string Name, string Value)>> Fields);

/// <summary>The sections of INFO, in the order in which they are shown.</summary>
internal static class InfoSections
{
    public static IReadOnlyList<InfoSection> All { get; } =
    [
        new("Server", Server), new("Clients", Clients), new("Memory", Memory), new("Persistence", Persistence), new("Stats", Stats),
        new("Replication", Replication), new("CPU", Cpu), new("Cluster", _ => [("cluster_enabled", "1")]), new("Keyspace", Keyspace),
    ];

    private static IEnumerable<(string Name, string Value)> Server(ClientServices node)
    {
        var uptime = node.Clock.GetUtcNow() - node.Stats.StartedAt;
        return
        [
            ("redis_version", NodeFacts.RedisVersion), ("redis_git_sha1", "00000000"), ("redis_git_dirty", "0"), ("redis_mode", "cluster"),
            ("server_name", "shardconsole"), ("os", Environment.OSVersion.ToString()), ("arch_bits", Text(IntPtr.Size * 8)), ("monotonic_clock", "TimeProvider"),
            ("multiplexing_api", "epoll"), ("process_id", Text(Environment.ProcessId)), ("run_id", node.Facts.RunId), ("tcp_port", Text(node.Facts.ClientPort)),
            ("server_time_usec", Text(node.NowMs * 1000)), ("uptime_in_seconds", Text((long)uptime.TotalSeconds)), ("uptime_in_days", Text((long)uptime.TotalDays)),
        ];
    }

    private static IEnumerable<(string Name, string Value)> Clients(ClientServices node)
    {
        var sessions = node.Clients.All;
        return
        [
            ("connected_clients", Text(node.Clients.Count)), ("cluster_connections", Text(node.View.Links.Count)), ("maxclients", Text(node.Options.MaxClients)),
            ("client_recent_max_input_buffer", Text(sessions.Select(s => s.InputBytes).DefaultIfEmpty().Max())),
            ("client_recent_max_output_buffer", Text(sessions.Select(s => s.OutputBytes).DefaultIfEmpty().Max())), ("blocked_clients", "0"),
        ];
    }

    private static IEnumerable<(string Name, string Value)> Memory(ClientServices node)
    {
        var (_, _, dataBytes) = CountHeld(node.View, onlyLed: false);
        var resident = Environment.WorkingSet;
        var managed = GC.GetTotalMemory(forceFullCollection: false);
        return
        [
            ("used_memory", Text(managed + dataBytes)), ("used_memory_human", Human(managed + dataBytes)), ("used_memory_rss", Text(resident)),
            ("used_memory_rss_human", Human(resident)), ("used_memory_dataset", Text(dataBytes)), ("total_system_memory", Text(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)),
            ("maxmemory", Text(node.Facts.MaxMemoryBytes)), ("maxmemory_human", Human(node.Facts.MaxMemoryBytes)), ("maxmemory_policy", "noeviction"), ("mem_allocator", "native"),
        ];
    }

    private static IEnumerable<(string Name, string Value)> Persistence(ClientServices node) =>
    [
        ("loading", "0"), ("async_loading", "0"), ("rdb_bgsave_in_progress", "0"), ("rdb_last_bgsave_status", "ok"), ("aof_enabled", "1"),
        ("aof_rewrite_in_progress", "0"), ("aof_last_bgrewrite_status", "ok"), ("aof_last_write_status", "ok"),
    ];

    private static IEnumerable<(string Name, string Value)> Stats(ClientServices node)
    {
        var stats = node.Stats;
        return
        [
            ("total_connections_received", Text(stats.Connections)), ("total_commands_processed", Text(stats.Commands)), ("total_net_input_bytes", Text(stats.InputBytes)),
            ("total_net_output_bytes", Text(stats.OutputBytes)), ("rejected_connections", Text(stats.Rejected)), ("evicted_keys", "0"),
            ("keyspace_hits", Text(stats.Hits)), ("keyspace_misses", Text(stats.Misses)), ("total_error_replies", Text(stats.Errors)),
        ];
    }

    private static IEnumerable<(string Name, string Value)> Replication(ClientServices node)
    {
        var topology = ClusterTopology.Of(node.View);
        var self = topology.Nodes.FirstOrDefault(n => n.Member.Id == node.View.Self);
        if (self is { IsMaster: false })
        {
            var master = topology.Nodes.First(n => n.Member.Id == self.Master);
            return
            [
                ("role", "slave"), ("master_host", master.Member.Addresses.Host), ("master_port", Text(master.Member.Addresses.ClientPort)),
                ("master_link_status", master.IsAlive ? "up" : "down"), ("slave_read_only", "1"), ("connected_slaves", "0"), ("master_replid", node.Facts.RunId),
            ];
        }

        var replicas = topology.Group(node.View.Self).Where(n => !n.IsMaster).ToList();
        return
        [
            ("role", "master"), ("connected_slaves", Text(replicas.Count)),
            .. replicas.Select((n, i) => ("slave" + Text(i), $"ip={n.Member.Addresses.Host},port={Text(n.Member.Addresses.ClientPort)},state=online,offset=0,lag=0")),
            ("master_failover_state", "no-failover"), ("master_replid", node.Facts.RunId), ("master_repl_offset", "0"),
        ];
    }

    private static IEnumerable<(string Name, string Value)> Cpu(ClientServices node)
    {
        var use = Environment.CpuUsage;
        return
        [
            ("used_cpu_sys", use.PrivilegedTime.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture)),
            ("used_cpu_user", use.UserTime.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture)),
        ];
    }

    private static IEnumerable<(string Name, string Value)> Keyspace(ClientServices node)
    {
        var (keys, expiring, _) = CountHeld(node.View, onlyLed: true);
        return keys == 0 ? [] : [("db0", $"keys={Text(keys)},expires={Text(expiring)},avg_ttl=0")];
    }

    /// <summary>Keys, keys with an expiry, and bytes: of what this node leads, or of all copies that it holds.</summary>
    private static (long Keys, long Expiring, long DataBytes) CountHeld(INodeView view, bool onlyLed)
    {
        var (keys, expiring, bytes) = (0L, 0L, 0L);
        foreach (var replica in view.Replicas.Where(r => !onlyLed || r.ServingTerm > 0))
        {
            for (var number = 0; number < view.Map.SegmentCount; number++)
            {
                var segment = replica.Segment(new SegmentId((ushort)number));
                lock (replica.Gate(segment.Id))
                {
                    if (segment.Table is { } table && (!onlyLed || segment.State == SegmentState.Owned))
                    {
                        keys += table.Count;
                        expiring += table.ExpiringCount;
                        bytes += table.DataBytes;
                    }
                }
            }
        }

        return (keys, expiring, bytes);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Human(long bytes) => bytes switch
    {
        >= 1L << 30 => (bytes / (double)(1L << 30)).ToString("F2", CultureInfo.InvariantCulture) + "G",
        >= 1L << 20 => (bytes / (double)(1L << 20)).ToString("F2", CultureInfo.InvariantCulture) + "M",
        >= 1L << 10 => (bytes / 1024.0).ToString("F2", CultureInfo.InvariantCulture) + "K",
        _ => Text(bytes) + "B",
    };
}
