using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Options;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.NodeAgent.Replicas;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Node;

/// <summary>
/// A node with an empty folder and a seed asks the leader of the meta group, which gossip names, to be taken as a member, until it has a genesis. Who founds does not ask.
/// That it has the cluster's key is proven by the connection.
/// </summary>
internal sealed partial class JoinService : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly NodeOptions options;
    private readonly NodeHost host;
    private readonly IMembership membership;
    private readonly PeerHub hub;
    private readonly FoundingService founding;
    private readonly TimeProvider time;
    private readonly ILogger<JoinService> log;

    public JoinService(
        NodeOptions options, NodeHost host, IMembership membership, PeerHub hub, FoundingService founding, ReplicaDriver replicas, TimeProvider time, ILogger<JoinService> log)
    {
        (this.options, this.host, this.membership, this.hub, this.founding, this.time, this.log) = (options, host, membership, hub, founding, time, log);
        replicas.JoinAnswered += OnAnswer;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (host.Genesis is null && options.FoundWhenEnrolled == 0)
            {
                var view = membership.View;
                if (view.MetaLeader() is { Node: var leader } && leader != hub.Self)
                {
                    var request = new JoinRequest(view.Members[hub.Self].Meta.Member, Founding.FormatVersion) { Level = MetaCommand.NewestLevel };
                    _ = hub.Send(leader, PeerLane.Control, PeerFrameKind.Replicas, request.Encode());
                }

                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private void OnAnswer(JoinAnswer answer)
    {
        if (host.Genesis is not null)
        {
            return;
        }

        if (answer.Accepted)
        {
            (founding.JoinedCluster, host.JoinRefusal) = (answer.ClusterId, "");
        }
        else if (host.JoinRefusal != answer.Detail)
        {
            host.JoinRefusal = answer.Detail;
            Refused(log, answer.Detail);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The cluster does not take this node: {Detail}")]
    private static partial void Refused(ILogger logger, string detail);
}
