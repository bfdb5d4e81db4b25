using System.Text.Json;
using ShardConsole.NodeAgent.Membership;
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
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (host.Genesis is not null)
                {
                    MaybeAsk();
                }

                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private void MaybeAsk()
    {
        var newest = membership.View.Members.Values.Where(m => m.IsReachable && m.Id != hub.Self).MaxBy(m => m.Gossip.Epoch);
        if (newest is null)
        {
            return;
        }

        var meta = knowledge.MetaLeader.Node;
        if (host.Meta is null && membership.View.Members.TryGetValue(meta, out var leads) && leads.Gossip.Epoch == knowledge.Map.Epoch
            && leads.Gossip.MapDigest != knowledge.MapDigest)
        {
            // The same epoch and another map: what is here is wrong, whatever made it so.
            hub.Send(meta, PeerLane.Control, PeerFrameKind.StateRequest, ReadOnlyMemory<byte>.Empty);
        }

        if (newest.Gossip.Epoch > knowledge.Map.Epoch)
        {
            hub.Send(newest.Id, PeerLane.Control, PeerFrameKind.StateRequest, ReadOnlyMemory<byte>.Empty);
        }
        else if (host.Meta is null && time.GetElapsedTime(refreshedAt) > Refresh && knowledge.MetaLeader.Node is { IsNone: false } leader)
        {
            refreshedAt = time.GetTimestamp();
            hub.Send(leader, PeerLane.Control, PeerFrameKind.StateRequest, ReadOnlyMemory<byte>.Empty);
        }
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
