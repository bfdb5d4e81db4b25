namespace ShardConsole.NodeAgent.Routing;

/// <summary>Waits for a proposal whose reply nobody reads. Whoever awaits it goes on elsewhere than on the raft loop thread.</summary>
internal sealed class OutcomeWaiter : IProposalWaiter
{
    private readonly TaskCompletionSource<ProposalOutcome> source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public int Protocol => 2;

    public Task<ProposalOutcome> Outcome => source.Task;

    /// <inheritdoc/>
    public void Complete(ProposalOutcome outcome, ReadOnlySpan<byte> reply) => source.TrySetResult(outcome);
}
