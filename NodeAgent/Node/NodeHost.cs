using System.Net;
using System.Security.Cryptography;
using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Options;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Node;

/// <summary>
/// The node's groups and what drives them: opens them from the store at the start, or when the genesis is known, and connects the raft loop, the
/// writer and the peers.
/// </summary>
internal sealed partial class NodeHost : IDisposable
{
    private readonly NodeOptions options;
    private readonly NodeStore store;
    private readonly ClusterKnowledge knowledge;
    private readonly IMembership membership;
    private readonly PeerHub hub;
    private readonly ShardServices services;
    private readonly StoreWriter writer;
    private readonly GroupOpener opener;
    private readonly SnapshotSender snapshotSender;
    private readonly SnapshotReceiver snapshotReceiver;
    private readonly ILogger<NodeHost> log;
    private readonly List<string> problems = [];
    private volatile Genesis? genesis;
    private volatile MetaReplica? meta;
    private volatile IReadOnlyList<ShardReplica> shards = [];

    public NodeHost(
        NodeOptions options, NodeStore store, ClusterKnowledge knowledge, IMembership membership, PeerHub hub, ILoadRecorder load, ICommandExecutor executor,
        TimeProvider time, ILogger<NodeHost> log)
    {
        (this.options, this.store, this.knowledge, this.membership, this.hub, this.log) = (options, store, knowledge, membership, hub, log);
        var loopOptions = new RaftLoopOptions { TickMs = options.TickMs, ElectionTicks = options.ElectionTicks };
        writer = new StoreWriter(store, loopOptions, time);
        services = new ShardServices(loopOptions, knowledge, store, writer, load, executor, time, options.MaxMemoryBytes);
        Loop = new RaftLoop(loopOptions, new RaftOutbox(hub, SendSnapshot), writer, time, OnLoopFailed);
        opener = new GroupOpener(store, Loop, services, store.Identity.Node);
        snapshotSender = new SnapshotSender(hub, new SnapshotOptions(), () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        snapshotReceiver = new SnapshotReceiver(hub, new SnapshotOptions());
        knowledge.Use(hub);
    }

    /// <summary>The thread that owns the groups.</summary>
    public RaftLoop Loop { get; }

    /// <summary>The genesis, once the cluster is founded.</summary>
    public Genesis? Genesis => genesis;

    /// <summary>This node's replica of the meta group; null where it has none.</summary>
    public MetaReplica? Meta => meta;

    /// <summary>This node's shards.</summary>
    public IReadOnlyList<ShardReplica> Shards => shards;

    /// <summary>The writer, for metrics.</summary>
    public StoreWriter Writer => writer;

    /// <summary>Drives migrations; set before the start.</summary>
    public IMigrationDriver? Migrations { get; set; }

    /// <summary>Drives changes of replicas; set before the start.</summary>
    public IReplicaDriver? Replicas { get; set; }

    /// <summary>Why the node does not serve; null when it does.</summary>
    public string? NotServing => problems.Count > 0 ? problems[0]
        : !damaged.IsEmpty ? damaged.Values.First()
        : membership.Trouble is { } trouble ? trouble
        : genesis is null ? JoinRefusal.Length > 0 ? $"The cluster does not take this node: {JoinRefusal}" : "The cluster is not founded yet."
        : knowledge.Map.Epoch > 1 && !knowledge.Members.ContainsKey(knowledge.Self)
            ? "This node has left the cluster: stop it. To join again, start it with an empty data folder."
            : null;

    /// <summary>Why the cluster that the node asked does not take it; empty where it was not refused.</summary>
    public string JoinRefusal { get; set; } = "";

    /// <summary>Opens what the store holds and starts the threads.</summary>
    public void Start()
    {
        hub.Handle(PeerFrameKind.Raft, (_, frame) => RaftOutbox.Read(frame, Loop.Receive));
        hub.Handle(PeerFrameKind.SnapshotPiece, OnSnapshotPiece);
        hub.Handle(PeerFrameKind.SnapshotAnswer, OnSnapshotAnswer);
        hub.ConnectionLost += OnConnectionLost;
        if (GenesisStore.Read(store) is { } known)
        {
            StartGroups(known, fresh: false);
        }

        writer.Start(Loop.Persisted);
        Loop.Ticked += snapshotSender.Tick;
        Loop.Ticked += LeaveLeadershipWhileFull;
        Loop.Start();
    }

    /// <summary>Takes over a genesis: persists it with the first state of all groups of this node, then starts them. Does nothing where there is one.</summary>
    public Task FoundAsync(Genesis founded)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(() =>
        {
            if (founding || genesis is not null)
            {
                done.TrySetResult();
                return;
            }

            founding = true;
            Loop.Write(new StoreStep(
                4096,
                batch =>
                {
                    batch.SetClusterId(founded.ClusterId);
                    batch.SetRecord(GenesisStore.Place, GenesisStore.Encode(founded));
                    opener.AddFirstState(batch, founded);
                },
                () =>
                {
                    StartGroups(founded, fresh: true);
                    done.TrySetResult();
                }));
        });
        return done.Task;
    }

    /// <summary>Hands each group that this node leads to the replica that is nearest to it, where that is not under way yet. From any thread.</summary>
    /// <returns>Groups that are still led here and have somebody who could take over; 0 when nothing is left to be done.</returns>
    public Task<int> HandOverAsync()
    {
        var left = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Loop.HasEnded)
        {
            left.TrySetResult(0);
            return left.Task;
        }

        Loop.Post(() => left.TrySetResult(Loop.Groups.Count(g => g.HandOver(Loop.Now))));
        return left.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Loop.Dispose();
        writer.Dispose();
        hub.Dispose();
    }

    /// <summary>Where a peer is reached: as gossip says, else as the member list does.</summary>
    public static DnsEndPoint? Resolve(IMembership membership, ClusterKnowledge knowledge, NodeId peer)
    {
        var addresses = membership.View.Members.TryGetValue(peer, out var seen) ? seen.Meta.Member.Addresses
            : knowledge.Members.TryGetValue(peer, out var member) ? member.Addresses : null;
        return addresses is null ? null : new DnsEndPoint(addresses.Host, addresses.PeerPort);
    }

    private bool founding;

    private void StartGroups(Genesis known, bool fresh)
    {
        genesis = known;
        knowledge.Learn(MetaReplica.ToClusterState(MetaState.Empty with { Genesis = known, Map = known.Map, Members = known.Members }, default));
        membership.SetClusterId(known.ClusterId);
        membership.AddSeeds(known.Members.Where(m => m.Id != store.Identity.Node).Select(m => new Membership.Core.GossipAddress(m.Addresses.Host, m.Addresses.GossipPort)));
        hosted = HostedStore.Read(store) ?? HostedGroups.Founded(opener.Founded(known));
        var opened = hosted.Held.Select(g => OpenOrQuarantine(known, g.Key, g.Value.VotesFrom)).OfType<GroupReplica>().ToList();
        meta = opened.OfType<MetaReplica>().FirstOrDefault();
        shards = [.. opened.OfType<ShardReplica>()];
        meta?.Publish();
        Migrations?.Attach();
        Replicas?.Attach();
        opened.ForEach(Loop.Add);
        knowledge.Host(meta, shards);
        knowledge.SignalChange();
        Started(log, known.ClusterId, shards.Count, fresh ? "new" : "recovered", store.Identity.Boot);
        foreach (var problem in damaged.Values)
        {
            Damaged(log, problem);
        }
    }

    /// <summary>A leader whose disk is full commits nothing of its own: another replica should lead. Where there is none, reads go on here.</summary>
    private void LeaveLeadershipWhileFull(long now)
    {
        if (writer.IsDiskFull)
        {
            foreach (var group in Loop.Groups)
            {
                _ = group.HandOver(now);
            }
        }
    }

    /// <summary>A process that was killed closes its connections at once: its followers need not wait as long as for a leader that is only slow.</summary>
    private void OnConnectionLost(NodeId peer) => Loop.Post(() =>
    {
        foreach (var group in Loop.Groups)
        {
            group.Core.SuspectLeader(peer.Value);
        }
    });

    private void SendSnapshot(GroupId group, SnapshotRequest request)
    {
        if (Loop.Find(group) is { } replica)
        {
            snapshotSender.Begin(replica, request, Loop.Now);
        }
    }

    private void OnSnapshotPiece(NodeId from, ReadOnlySpan<byte> body)
    {
        var copy = body.ToArray();
        Loop.Post(() =>
        {
            if (SnapshotPieceCodec.TryRead(copy, out var piece) && Loop.Find(piece.Group) is { } replica)
            {
                snapshotReceiver.Receive(from, replica, piece, Loop.Now);
            }
        });
    }

    private void OnSnapshotAnswer(NodeId from, ReadOnlySpan<byte> body)
    {
        if (SnapshotPieceCodec.TryReadAnswer(body, out var transfer, out var number, out var accepted))
        {
            Loop.Post(() => snapshotSender.Answered(from, transfer, number, accepted, Loop.Now));
        }
    }

    private void OnLoopFailed(Exception failure)
    {
        problems.Insert(0, $"The node's consensus has stopped: {failure.Message} The data folder is kept as it is.");
        Stopped(log, failure);
        knowledge.Host(null, []);
        knowledge.SignalChange();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {ClusterId}: {Shards} shards here ({How}, boot {Boot})")]
    private static partial void Started(ILogger logger, string clusterId, int shards, string how, ulong boot);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The node's consensus has stopped; it neither votes nor acknowledges any more")]
    private static partial void Stopped(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem}")]
    private static partial void Damaged(ILogger logger, string problem);
}
