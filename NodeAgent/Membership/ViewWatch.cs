using ShardConsole.NodeAgent.Membership.Core;

namespace ShardConsole.NodeAgent.Membership;

/// <summary>Lets a service sleep until gossip shows what it waits for, so that nobody looks many times a second for what almost never happens.</summary>
internal sealed class ViewWatch : IDisposable
{
    private readonly IMembership membership;
    private readonly Func<MembershipView, bool> wanted;
    private readonly TimeProvider time;
    private TaskCompletionSource seen = NewSignal();

    /// <param name="membership">Whose views are looked at.</param>
    /// <param name="wanted">What is waited for. Asked with every new view, on the gossip loop: short, must not block.</param>
    /// <param name="time">Measures how long is waited.</param>
    public ViewWatch(IMembership membership, Func<MembershipView, bool> wanted, TimeProvider time)
    {
        (this.membership, this.wanted, this.time) = (membership, wanted, time);
        membership.Changed += OnChanged;
    }

    /// <summary>Ends with the next view that shows it. Take it before looking, so that nothing is missed between the look and the wait.</summary>
    public Task Next => Volatile.Read(ref seen).Task;

    /// <summary>Ends with the signal, when the time is over, or when it is cancelled, without saying which; never throws.</summary>
    public async Task WaitAsync(Task signal, TimeSpan most, CancellationToken cancellation) =>
        await signal.WaitAsync(most, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Lets a time go by, or less where it is cancelled; never throws.</summary>
    public async Task PauseAsync(TimeSpan pause, CancellationToken cancellation) =>
        await Task.Delay(pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <inheritdoc/>
    public void Dispose() => membership.Changed -= OnChanged;

    private void OnChanged(MembershipView view)
    {
        if (wanted(view))
        {
            Interlocked.Exchange(ref seen, NewSignal()).TrySetResult();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
