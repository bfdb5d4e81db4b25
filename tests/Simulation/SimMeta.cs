using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Simulation;

/// <summary>A replica of M.</summary>
internal sealed class SimMeta(World world, SimNode node) : SimReplica(world, node, GroupId.Meta)
{
    private ulong leaderTerm;

    public MetaMachine Machine { get; private set; } = new();

    public MetaLeaderCore? Leader { get; private set; }

    public override void Start()
    {
        Machine = new MetaMachine(World.Options.MetaRules);
        Leader = null;
        base.Start();
    }

    public void OnMessage(ShardMessage message) => Leader?.OnMessage(message, World.NowMicros);

    protected override void Apply(in Entry entry, out bool refused)
    {
        var result = Machine.Apply(entry);
        refused = !result.Answer.Accepted;
        Leader?.OnApplied(result, World.NowMicros);
    }

    protected override void OnRead(ulong context) => Leader?.OnRead(context, World.NowMicros);

    protected override void OnStep()
    {
        if (!Serves || leaderTerm != Core!.Term)
        {
            Leader = null;
        }

        if (!Serves)
        {
            return;
        }

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
            Propose(command.Encode());
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
}
