namespace ShardConsole.Simulation;

/// <summary>A bug, where it is looked for, and the promises of which it breaks at least one: a run that fails by another does not count as having found it.</summary>
/// <param name="Profile">Profile of faults under which the dangerous schedule comes about.</param>
internal sealed record PlantedBug(Planted Bug, string Profile, int Nodes, params Invariant[] FoundBy)
{
    /// <summary>Seeds within which it must be found.</summary>
    public const int MaxSeeds = 1000;

    private static readonly Invariant[] Forgotten =
        [Invariant.CommitSurvivesElection, Invariant.LeaderCompleteness, Invariant.LogMatching];

    private static readonly Invariant[] LeaseBroken = [Invariant.LeaseExcludes, Invariant.NoStaleRead];

    /// <summary>Every bug that can be planted.</summary>
    public static readonly IReadOnlyList<PlantedBug> All =
    [
        new(Planted.UnfreezeByTimer, "chaos", 3, Invariant.OneOwner, Invariant.ActivateNeedsCommit),
        new(Planted.CommitWithoutReady, "chaos", 3, Invariant.CommitNeedsReady),
        new(Planted.ApplyAfterFreeze, "chaos", 3, Invariant.TargetEqualsSource, Invariant.CopyEqualsSource),
        new(Planted.GapAcceptedWithoutDigest, "chaos", 3, Invariant.CopyEqualsSource),
        new(Planted.ActivateWithoutCommit, "chaos", 3, Invariant.ActivateNeedsCommit),
        new(Planted.ReadWithoutLease, "chaos", 3, LeaseBroken),
        new(Planted.ReadWhileFrozen, "migration", 3, Invariant.NoStaleRead),
        new(Planted.DropByLocalDecision, "chaos", 3, Invariant.DataIsHeld),
        new(Planted.ForgetTheVote, "chaos", 3, Invariant.OneLeaderPerTerm),
        new(Planted.VoteForAShorterLog, "chaos", 3, Forgotten),
        new(Planted.CountSentAsStored, "chaos", 3, Forgotten),
        new(Planted.SkipFsync, "chaos", 3, Forgotten),
        new(Planted.AnswerBeforeFsync, "chaos", 3, Forgotten),
        new(Planted.AckBeforeCommit, "plain", 3, Invariant.AcknowledgedIsCommitted),
        new(Planted.RestartedVoterInsideALease, "clock", 3, LeaseBroken),
        new(Planted.LeaseStopsWhilePaused, "clock", 3, LeaseBroken),
        new(Planted.UnknownAsNotExecuted, "chaos", 3, Invariant.NotExecutedIsNotExecuted),
        new(Planted.FollowerReads, "chaos", 3, Invariant.NoStaleRead),
        new(Planted.AckRefused, "chaos", 3, Invariant.AcknowledgedIsCommitted),
        new(Planted.LeaseKeptOnTransfer, "chaos", 3, LeaseBroken),
        new(Planted.VoteAgainstPromise, "chaos", 3, LeaseBroken),
        new(Planted.ForgetTheTerm, "chaos", 3, Invariant.OneLeaderPerTerm),
        new(Planted.QuorumOfHalf, "chaos", 4, [Invariant.OneLeaderPerTerm, .. Forgotten]),
        new(Planted.CommitOfOlderTerm, "chaos", 3, Forgotten),
        new(Planted.ServeAfterLeaseExpiry, "chaos", 3, LeaseBroken),
        new(Planted.ForwardBeforeCommit, "migration", 3, Invariant.CopyEqualsSource),
        new(Planted.StreamEffectsLost, "migration", 3, Invariant.CopyEqualsSource),
        new(Planted.ReuseAnEpoch, "migration", 3, Invariant.OneOwnerPerEpoch),
        new(Planted.ShortenedLogVotes, "chaos", 3, Forgotten),
        new(Planted.ExpireByOwnClock, "clock", 3, Invariant.MachinesEqual),
        new(Planted.TornTransactionKept, "disk", 3, Invariant.CoreCheck),
        new(Planted.WipedNodeKeepsItsName, "chaos", 3, Forgotten),
        new(Planted.ReopenedReplicaVotes, "wipe", 3, Invariant.LeaderCompleteness, Invariant.OneLeaderPerTerm, Invariant.LogMatching, Invariant.CoreCheck),
        new(Planted.RepairUnderWrites, "integrity", 3, Invariant.NoStaleRead),
        new(Planted.ReopenedReplicaVotesAtOnce, "churn", 3, Invariant.LeaderCompleteness, Invariant.OneLeaderPerTerm, Invariant.LogMatching, Invariant.CoreCheck),
        new(Planted.LateOrderReopens, "churn", 3, Invariant.DeletedStaysDeleted),
    ];

    /// <summary>The run of a seed with the bug in it.</summary>
    public SimOptions Options(int seed) => SimOptions.Of(Profile, seed)! with { Nodes = Nodes, Planted = Bug, DisturbedMs = 6000, HealedMs = 10_000 };

    /// <summary>The first seed that finds it, with its verdict; null: none does. Seeds are tried in their order, some at once.</summary>
    public Verdict? Find()
    {
        Verdict? found = null;
        var gate = new Lock();
        Parallel.For(1, MaxSeeds + 1, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            var verdict = Verdict.Of(Options(seed));
            if (verdict.Broken is not { } broken || !FoundBy.Contains(broken))
            {
                return;
            }

            lock (gate)
            {
                found = found is null || seed < found.Options.Seed ? verdict : found;
            }

            // Lower seeds that have begun are finished: so the answer is the same on every machine.
            loop.Break();
        });
        return found;
    }
}
