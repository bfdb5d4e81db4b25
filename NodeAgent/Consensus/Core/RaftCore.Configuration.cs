namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Changes of the configuration: proposed one at a time, in force when they are applied.</summary>
internal sealed partial class RaftCore
{
    private bool AcceptsChange(EntryKind kind, ReadOnlySpan<byte> data) =>
        ConfigurationChange.TryDecode(data, out var change)
        && (!options.ValidateChanges || FitsNow(kind, change));

    private bool FitsNow(EntryKind kind, ConfigurationChange change) =>
        pendingConfigurationIndex <= log.Applied
        && (kind == EntryKind.ConfigurationV2 || change is { Steps.Count: 1, Transition: ConfigurationTransition.Auto })
        && ConfigurationChanger.TryApply(Configuration, change, out _) is not null;

    private void ApplyChange(in Entry entry)
    {
        // A snapshot that came in while these entries were being applied brought a configuration that is newer than they are.
        // What does not fit changes nothing, at every replica alike.
        if (entry.Index > configurationIndex && ConfigurationChange.TryDecode(entry.Data.Span, out var change)
            && ConfigurationChanger.TryApply(Configuration, change, out _) is { } next)
        {
            Enter(next);
        }
    }

    private void Enter(ConfigurationState next)
    {
        var before = Configuration;
        peers.Change(next, log.LastIndex);
        Trace("ApplyConfChange");
        if (Role != RaftRole.Leader)
        {
            return;
        }

        leftInTerm.UnionWith(before.Members().Where(id => !next.Contains(id)));

        if (options.StepDownOnRemoval && !peers.MayLead(Id))
        {
            BecomeFollower(Term, 0);
            return;
        }

        UpdateLease();
        if (next.Voters.Count > 0 && !MaybeCommit())
        {
            // Newcomers need not wait for the next heartbeat.
            foreach (var peer in peers.All)
            {
                Owe(peer, AppendDebt.IfEntries);
            }
        }

        readQueue.Release(peers.ConfirmedRound(), reads);
        if (transferTo != 0 && !peers.MayLead(transferTo))
        {
            transferTo = 0;
        }
    }

    private void MaybeLeaveJoint()
    {
        if (Role == RaftRole.Leader && Configuration.AutoLeave && log.Applied >= pendingConfigurationIndex)
        {
            Append(EntryKind.ConfigurationV2, ConfigurationChange.Leave.Encode());
        }
    }
}
