using System.Globalization;
using System.Text;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>CLUSTER: SLOTS, SHARDS, NODES, INFO, MYID, KEYSLOT, LINKS and the rows of <see cref="ClusterSlotRows"/>.</summary>
internal sealed class ClusterCommand : ICommandFamily
{
    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new()
        {
            Name = "cluster", Arity = -2, Since = "3.0.0", Summary = "A container for Redis Cluster commands.", Group = "cluster",
            Subcommands =
            [
                Row("slots", 2, "3.0.0", "Returns the mapping of cluster slots to nodes.", Slots),
                Row("shards", 2, "7.0.0", "Returns the mapping of cluster slots to shards.", Shards),
                Row("nodes", 2, "3.0.0", "Returns the cluster configuration for a node.", Nodes),
                Row("info", 2, "3.0.0", "Returns information about the state of a node.", Info),
                Row("myid", 2, "3.0.0", "Returns the ID of a node.", (c, _, r) => r.Bulk(c.Services.View.Self.ToRedisId())),
                Row("keyslot", 3, "3.0.0", "Returns the hash slot for a key.", (_, a, r) => r.Integer(Slot.Of(a[2]))),
                Row("links", 2, "7.0.0", "Returns a list of all TCP links to and from peer nodes.", Links),
                .. ClusterSlotRows.Rows,
                Help.Row("cluster", "cluster", "5.0.0",
                    "COUNTKEYSINSLOT <slot>", "    Return the number of keys in <slot>.",
                    "GETKEYSINSLOT <slot> <count>", "    Return key names stored by current node in a slot.",
                    "INFO", "    Return information about the cluster.",
                    "KEYSLOT <key>", "    Return the hash slot for <key>.",
                    "MYID", "    Return the node id.",
                    "NODES", "    Return cluster configuration seen by node. Output format:", "    <id> <ip:port@bus-port[,hostname]> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
                    "SLOTS", "    Return information about slots range mappings. Each range is made of:", "    start, end, master and replicas IP addresses, ports and ids",
                    "SHARDS", "    Return information about slot range mappings and the nodes associated with them.",
                    "SLOT-STATS SLOTSRANGE <start> <end>|ORDERBY <metric> [LIMIT <count>] [ASC|DESC]", "    Return statistics of slots that this node leads.",
                    "LINKS", "    Return information about all network links between this node and its peers."),
            ],
        },
    ];

    private static CommandSpec Row(string name, int arity, string since, string summary, Action<ClientContext, CommandArgs, RespWriter> answer) => new()
    {
        Name = "cluster|" + name, Arity = arity, Since = since, Summary = summary, Group = "cluster", Flags = CommandFlags.Loading | CommandFlags.Stale,
        Node = (client, args, reply) =>
        {
            answer(client, args, reply);
            return NodeVerdict.Replied;
        },
    };

    private static void Slots(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var topology = ClusterTopology.Of(client.Services.View);
        reply.Array(topology.Ranges.Length);
        foreach (var (range, leader) in topology.Ranges)
        {
            var group = topology.Group(leader).ToList();
            reply.Array(2 + group.Count);
            reply.Integer(range.Start);
            reply.Integer(range.End);
            foreach (var node in group)
            {
                reply.Array(4);
                reply.Bulk(node.Member.Addresses.Host);
                reply.Integer(node.Member.Addresses.ClientPort);
                reply.Bulk(node.Member.Id.ToRedisId());
                reply.Array(0);
            }
        }
    }

    private static void Shards(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var topology = ClusterTopology.Of(client.Services.View);
        var masters = topology.Nodes.Where(n => n.IsMaster).ToList();
        reply.Array(masters.Count);
        foreach (var master in masters)
        {
            reply.Map(2);
            reply.Bulk("slots"u8);
            reply.Array(master.Ranges.Length * 2);
            foreach (var range in master.Ranges)
            {
                reply.Integer(range.Start);
                reply.Integer(range.End);
            }

            var group = topology.Group(master.Member.Id).ToList();
            reply.Bulk("nodes"u8);
            reply.Array(group.Count);
            foreach (var node in group)
            {
                WriteShardNode(node, reply);
            }
        }
    }

    private static void WriteShardNode(AnnouncedNode node, RespWriter reply)
    {
        reply.Map(7);
        reply.Bulk("id"u8);
        reply.Bulk(node.Member.Id.ToRedisId());
        reply.Bulk("port"u8);
        reply.Integer(node.Member.Addresses.ClientPort);
        reply.Bulk("ip"u8);
        reply.Bulk(node.Member.Addresses.Host);
        reply.Bulk("endpoint"u8);
        reply.Bulk(node.Member.Addresses.Host);
        reply.Bulk("role"u8);
        reply.Bulk(node.IsMaster ? "master"u8 : "replica"u8);
        reply.Bulk("replication-offset"u8);
        reply.Integer(0);
        reply.Bulk("health"u8);
        reply.Bulk(node.IsAlive ? "online"u8 : "failed"u8);
    }

    private static void Nodes(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var view = client.Services.View;
        var topology = ClusterTopology.Of(view);
        var nowMs = client.Services.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var text = new StringBuilder();
        foreach (var node in topology.Nodes)
        {
            var isSelf = node.Member.Id == view.Self;
            var address = node.Member.Addresses;
            text.Append(CultureInfo.InvariantCulture, $"{node.Member.Id.ToRedisId()} {address.Host}:{address.ClientPort}@{address.PeerPort} ");
            text.Append(isSelf ? "myself," : "").Append(node.IsMaster ? "master" : "slave").Append(node.IsAlive ? "" : ",fail").Append(' ');
            text.Append(node.IsMaster ? "-" : node.Master.ToRedisId());
            text.Append(CultureInfo.InvariantCulture, $" 0 {(isSelf || !node.IsAlive ? 0 : nowMs)} {topology.Epoch} {(node.IsAlive ? "connected" : "disconnected")}");
            foreach (var range in node.Ranges)
            {
                text.Append(CultureInfo.InvariantCulture, $" {range.Start}-{range.End}");
            }

            text.Append('\n');
        }

        reply.Verbatim("txt", text.ToString());
    }

    private static void Info(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var view = client.Services.View;
        var topology = ClusterTopology.Of(view);
        var assigned = topology.AssignedSlots;
        var failed = topology.Nodes.Where(n => !n.IsAlive).Sum(n => n.Ranges.Sum(r => r.End - r.Start + 1));
        var ok = assigned == Slot.Count && failed == 0;
        reply.Verbatim("txt", string.Create(CultureInfo.InvariantCulture,
            $"cluster_state:{(ok ? "ok" : "fail")}\r\ncluster_slots_assigned:{assigned}\r\ncluster_slots_ok:{assigned - failed}\r\ncluster_slots_pfail:0\r\ncluster_slots_fail:{failed}\r\n"
            + $"cluster_known_nodes:{topology.Nodes.Length}\r\ncluster_size:{topology.Nodes.Count(n => n.Ranges.Length > 0)}\r\n"
            + $"cluster_current_epoch:{view.MetaTerm}\r\ncluster_my_epoch:{topology.Epoch}\r\ncluster_stats_messages_sent:0\r\ncluster_stats_messages_received:0\r\ntotal_cluster_links_buffer_limit_exceeded:0\r\n"));
    }

    private static void Links(ClientContext client, CommandArgs args, RespWriter reply)
    {
        var links = client.Services.View.Links;
        reply.Array(links.Count);
        foreach (var (node, bufferBytes, connectedSinceMs) in links)
        {
            reply.Map(6);
            reply.Bulk("direction"u8);
            reply.Bulk("to"u8);
            reply.Bulk("node"u8);
            reply.Bulk(node.ToRedisId());
            reply.Bulk("create-time"u8);
            reply.Integer(connectedSinceMs);
            reply.Bulk("events"u8);
            reply.Bulk("rw"u8);
            reply.Bulk("send-buffer-allocated"u8);
            reply.Integer(bufferBytes);
            reply.Bulk("send-buffer-used"u8);
            reply.Integer(bufferBytes);
        }
    }
}
