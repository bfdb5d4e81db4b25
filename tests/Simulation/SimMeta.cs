using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Simulation;

/// <summary>A replica of M.</summary>
internal sealed class SimMeta(World world, SimNode node) : SimReplica(world, node, GroupId.Meta)
{
    /// <summary>Read-index requests for replicas are numbered from here, apart from those of migrations.</summary>
    private const ulong FirstReplicaContext = 1UL << 40;

    /// <summary>Until then some member may not read new kinds of commands; virtual milliseconds.</summary>
    private const long OldVersionUntilMs = 4000;

    private readonly Dictionary<ulong, (NodeId From, ReplicaMessage Question)> asked = [];
    private ReplicaMetaCore? replicas;
    private ulong leaderTerm;
    private ulong contexts = FirstReplicaContext;

    public MetaMachine Machine { get; private set; } = new();

    public MetaLeaderCore? Leader { get; private set; }

    public override void Start()
    {
        Machine = new MetaMachine(World.Options.MetaRules);
        Leader = null;
        base.Start();
    }

    public void OnMessage(ShardMessage message) => Leader?.OnMessage(message, World.NowMicros);

    /// <summary>A message about replicas for M's leader.</summary>
    public void OnReplica(ulong from, ReplicaMessage message) => replicas?.OnMessage(new NodeId(from), message);

    protected override void Apply(in Entry entry, out bool refused)
    {
        if (MetaCommand.Decode(entry.Data.Span) is { } command && command.Level > Node.Level)
        {
            throw new SimulationFailedException(
                Invariant.EveryMemberReads, $"Entry {entry.Index} of M is a {command.GetType().Name} of level {command.Level}, and node {Node.Id} reads commands up to level {Node.Level}.");
        }

        var result = Machine.Apply(entry);
        refused = !result.Answer.Accepted;
        Leader?.OnApplied(result, World.NowMicros);
    }

    protected override void OnRead(ulong context)
    {
        if (context < FirstReplicaContext)
        {
            Leader?.OnRead(context, World.NowMicros);
        }
        else if (context >= ReplicaCarrier.FirstContext)
        {
            Carrier.OnRead(context);
        }
        else if (asked.Remove(context, out var question) && replicas is not null)
        {
            if (replicas.Answer(question.Question) is { } answer)
            {
                Node.Send(question.From.Value, answer);
            }
        }
    }

    protected override void OnStep()
    {
        Carrier.Step();
        if (World.Options.Upgrades && World.Now % 100 == 0 && Machine.State.Level < MetaCommand.NewestLevel)
        {
            Node.Send(World.LeaderOf(GroupId.Meta), new SaysLevel(Node.Level));
        }

        if (!Serves || leaderTerm != Core!.Term)
        {
            Leader = null;
            replicas = null;
            asked.Clear();
        }

        if (!Serves)
        {
            return;
        }

        CarryReplicas();

        if (Leader is null)
        {
            leaderTerm = Core!.Term;
            Leader = new MetaLeaderCore(Machine, World.Options.Migration, World.NowMicros, World.UnixMs);
        }

        if (World.Now % 20 == 0)
        {
            Leader.Tick(World.NowMicros, World.UnixMs);
            if (Machine.State.Genesis is null)
            {
                Propose(new FoundCluster(World.UnixMs, World.Genesis).Encode());
            }
            else if (!World.Options.Upgrades && Machine.State.Level < MetaCommand.NewestLevel && World.Now >= OldVersionUntilMs)
            {
                Propose(new RaiseLevel(World.UnixMs, MetaCommand.NewestLevel).Encode());
            }

            if (World.Options.Planted.HasFlag(Planted.CommitWithoutReady))
            {
                foreach (var record in Machine.State.Migrations.Values.Where(m => m.Phase == MigrationPhase.CuttingOver))
                {
                    Propose(new CommitMigration(World.UnixMs, record.Id, 1).Encode());
                }
            }
        }

        var work = Leader.TakeWork();
        foreach (var command in work.Proposals)
        {
            Propose(command);
        }

        foreach (var context in work.Reads)
        {
            Core!.TryReadIndex(context, Node.Clock);
        }

        foreach (var message in work.Messages)
        {
            Node.Route(message);
        }
    }

    /// <summary>As the product does: what some member may not read waits.</summary>
    public void Propose(MetaCommand command)
    {
        if (command.Level <= Machine.State.Level)
        {
            Propose(command.Encode());
        }
    }

    private void CarryReplicas()
    {
        if (!World.Options.Replaces || World.Now % 20 != 0)
        {
            return;
        }

        replicas ??= new ReplicaMetaCore(Machine, World.Options.Replicas);
        var work = replicas.Look(n => World.Node(n.Value).IsUp, World.Now, World.UnixMs);
        foreach (var command in work.Proposals)
        {
            Propose(command);
        }

        foreach (var hint in work.Messages)
        {
            Node.Send(World.LeaderOf(hint.Group), hint);
        }

        foreach (var (to, order) in work.Orders)
        {
            Node.Send(to.Value, order);
        }

        foreach (var question in work.Questions)
        {
            asked[++contexts] = question;
            Core!.TryReadIndex(contexts, Node.Clock);
        }
    }
}
