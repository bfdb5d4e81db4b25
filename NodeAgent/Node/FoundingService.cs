using System.Security.Cryptography;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.NodeAgent.Options;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Node;

/// <summary>
/// Founds the cluster once, or takes the genesis that a founder offers. A genesis is persisted before anybody else hears of it, and accepted only
/// with an empty folder; every node that has it offers it to those of its members that are still without.
/// </summary>
internal sealed partial class FoundingService(
    NodeOptions options, NodeHost host, ClusterKnowledge knowledge, IMembership membership, PeerHub hub, TimeProvider time, ILogger<FoundingService> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>The cluster that has taken this node as a member: its genesis is accepted, though it does not name the node. Empty: none has.</summary>
    public string JoinedCluster { get; set; } = "";

    /// <summary>Registers for the frames; before the first connection.</summary>
    public void Listen()
    {
        hub.Handle(PeerFrameKind.Genesis, OnOffer);
        hub.Handle(PeerFrameKind.GenesisAnswer, OnAnswer);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var watch = new ViewWatch(membership, view => Unfounded(view).Any(), time);
        while (!stoppingToken.IsCancellationRequested)
        {
            var newcomer = watch.Next;
            if (host.Genesis is { } genesis)
            {
                Offer(genesis);
            }
            else if (options.FoundWhenEnrolled > 0 && TryFound() is { } founded)
            {
                var done = host.FoundAsync(founded);
                await watch.WaitAsync(done, Timeout.InfiniteTimeSpan, stoppingToken);
                if (done.IsCompletedSuccessfully)
                {
                    Founded(log, founded.ClusterId, founded.Members.Length, founded.Map.Shards.Length);
                }

                continue;
            }

            // Whoever has no genesis may have lost a frame, or be taken as a member only a moment later: offered again until nobody is left without.
            var someWait = host.Genesis is null || Unfounded(membership.View).Any();
            await (someWait ? watch.PauseAsync(Pause, stoppingToken) : watch.WaitAsync(newcomer, Longest, stoppingToken));
        }
    }

    private IEnumerable<MemberView> Unfounded(MembershipView view) =>
        view.Members.Values.Where(m => m.IsReachable && m.Id != hub.Self && m.Meta.ClusterId.Length == 0);

    private Genesis? TryFound()
    {
        var enrolled = membership.View.Members.Values
            .Where(m => m.IsReachable && m.Meta.ClusterId.Length == 0)
            .Select(m => m.Meta.Member).OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Id).ToList();
        if (enrolled.Count < options.FoundWhenEnrolled)
        {
            return null;
        }

        return Founding.Create(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), enrolled, options.Segments, options.ShardsPerNode, options.ReplicationFactor);
    }

    private void Offer(Genesis genesis)
    {
        foreach (var member in Unfounded(membership.View))
        {
            if (genesis.Members.Any(m => m.Id == member.Id) || knowledge.Members.ContainsKey(member.Id))
            {
                hub.Send(member.Id, PeerLane.Data, PeerFrameKind.Genesis, GenesisStore.Encode(genesis));
            }
        }
    }

    private void OnOffer(NodeId from, ReadOnlySpan<byte> body)
    {
        if (GenesisStore.Decode(body) is not { } offered)
        {
            return;
        }

        if (host.Genesis is { } own)
        {
            hub.Send(from, PeerLane.Control, PeerFrameKind.GenesisAnswer, new[] { own.ClusterId == offered.ClusterId ? (byte)1 : (byte)0 });
            return;
        }

        if (offered.Members.Any(m => m.Id == hub.Self) || offered.ClusterId == JoinedCluster)
        {
            // Answered when the founder offers again: by then it is durable, or the answer is not needed, since gossip shows the cluster id.
            _ = host.FoundAsync(offered);
        }
    }

    private void OnAnswer(NodeId from, ReadOnlySpan<byte> body)
    {
        if (body.Length == 1 && body[0] == 0)
        {
            Refused(log, from);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Founded cluster {ClusterId}: {Nodes} nodes, {Shards} shards")]
    private static partial void Founded(ILogger logger, string clusterId, int nodes, int shards);

    [LoggerMessage(Level = LogLevel.Error, Message = "Node {Node} refused this cluster's genesis: its data folder belongs to another cluster. Empty it, or start that node elsewhere")]
    private static partial void Refused(ILogger logger, NodeId node);
}
