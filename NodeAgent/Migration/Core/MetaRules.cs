using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>The gates of the meta group that carry the safety argument. Virtual so that the simulator can plant a broken one; the product uses this class.</summary>
internal class MetaRules
{
    /// <summary>The rules.</summary>
    public static readonly MetaRules Standard = new();

    /// <summary>Commit(m) needs T's committed Ready, which needs S's Freeze, which needs CutOver.</summary>
    public virtual bool MayCommit(MigrationRecord record, ulong readyIndex) => record.Phase == MigrationPhase.CuttingOver && readyIndex != 0;

    /// <summary>Done(m) needs T's committed Activate.</summary>
    public virtual bool MayFinish(MigrationRecord record) => record.Phase == MigrationPhase.Retaining && record.ActivatedUnixMs != 0;

    /// <summary>The rollback of m needs T's committed Activate, and that retention has not ended: only one of Done(m) and the rollback can be first.</summary>
    public virtual bool MayRollBack(MigrationRecord record) => record.Phase == MigrationPhase.Retaining && record.ActivatedUnixMs != 0;

    /// <summary>CutOver(m) needs a verified copy and no pause.</summary>
    public virtual bool MayCutOver(MigrationRecord record) => record.Phase == MigrationPhase.Verifying && record.Verified && !record.Paused;
}
