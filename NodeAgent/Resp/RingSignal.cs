using System.Threading.Tasks.Sources;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>Wakes the one connection that waits for its ring. Armed and disarmed under the ring's gate; used again without allocation.</summary>
internal sealed class RingSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<bool> core;
    private bool armed;
    private bool wantsIdle;

    /// <summary>The connection begins to wait: for an idle ring, or only for room.</summary>
    public ValueTask Arm(bool wantsIdle)
    {
        core.Reset();
        armed = true;
        this.wantsIdle = wantsIdle;
        return new ValueTask(this, core.Version);
    }

    /// <summary>True when somebody waits for this: then <see cref="Fire"/> is owed, outside the gate.</summary>
    public bool TryDisarm(bool isIdle)
    {
        if (!armed || (wantsIdle && !isIdle))
        {
            return false;
        }

        armed = false;
        return true;
    }

    /// <summary>Lets the connection go on, on this thread.</summary>
    public void Fire() => core.SetResult(true);

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => Fire();

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => core.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => core.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, flags);
}
