using System.Text.Json;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Node;

/// <summary>
/// Fetches the cluster's state for a node that has no replica of the meta group, or one that lags: as soon as gossip shows a newer map, and every few
/// seconds for what has no epoch (limits, halt). A state of a lower epoch changes nothing.
/// </summary>
internal sealed class StateExchange(NodeHost host, ClusterKnowledge knowledge, IMembership membership, PeerHub hub, TimeProvider time) : BackgroundService
{
    /// <summary>Between two questions for a state that is known to be newer: an answer may be lost.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    private long refreshedAt;

    /// <summary>States that were refused because they were older or of another cluster.</summary>
    public long Refused { get; private set; }

    /// <summary>Registers for the frames; before the first connection.</summary>
    public void Listen()
    {
        hub.Handle(PeerFrameKind.StateRequest, OnRequest);
        hub.Handle(PeerFrameKind.State, OnState);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        refreshedAt = time.GetTimestamp();
        using var watch = new ViewWatch(membership, view => Behind(view).Any(), time);
        while (!stoppingToken.IsCancellationRequested)
        {
            var news = Task.WhenAny(watch.Next, knowledge.NextChange);
            var asked = host.Genesis is not null && MaybeAsk();
            await (asked ? watch.PauseAsync(Pause, stoppingToken) : watch.WaitAsync(news, Refresh, stoppingToken));
        }
    }

    /// <summary>Who shows that what is known here is old or wrong.</summary>
    private IEnumerable<NodeId> Behind(MembershipView view)
    {
        var meta = knowledge.MetaLeader.Node;
        if (host.Meta is null && view.Members.TryGetValue(meta, out var leads) && leads.Gossip.Epoch == knowledge.Map.Epoch
            && leads.Gossip.MapDigest != knowledge.MapDigest)
        {
            // The same epoch and another map: what is here is wrong, whatever made it so.
            yield return meta;
        }

        if (view.Members.Values.Where(m => m.IsReachable && m.Id != hub.Self).MaxBy(m => m.Gossip.Epoch) is { } newest && newest.Gossip.Epoch > knowledge.Map.Epoch)
        {
            yield return newest.Id;
        }
    }

    private bool MaybeAsk()
    {
        var behind = false;
        foreach (var newer in Behind(membership.View))
        {
            behind = true;
            hub.Send(newer, PeerLane.Control, PeerFrameKind.StateRequest, ReadOnlyMemory<byte>.Empty);
        }

        if (!behind && host.Meta is null && time.GetElapsedTime(refreshedAt) > Refresh && knowledge.MetaLeader.Node is { IsNone: false } leader)
        {
            refreshedAt = time.GetTimestamp();
            hub.Send(leader, PeerLane.Control, PeerFrameKind.StateRequest, ReadOnlyMemory<byte>.Empty);
        }

        return behind;
    }

    private void OnRequest(NodeId from, ReadOnlySpan<byte> body)
    {
        if (knowledge.State is { } state)
        {
            hub.Send(from, PeerLane.Data, PeerFrameKind.State, JsonSerializer.SerializeToUtf8Bytes(state, JsonSerializerOptions.Web));
        }
    }

    private void OnState(NodeId from, ReadOnlySpan<byte> body)
    {
        try
        {
            var state = JsonSerializer.Deserialize<ClusterState>(body, JsonSerializerOptions.Web);
            if (state is null || state.Map.Digest() != state.MapDigest || !knowledge.Learn(state))
            {
                Refused++;
            }
        }
        catch (JsonException)
        {
            Refused++;
        }
    }
}
