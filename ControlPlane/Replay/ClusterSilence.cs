namespace ShardConsole.ControlPlane.Replay;

/// <summary>
/// Whether the cluster answers at all. Each request is tried for a while by itself; when no request of any worker was answered for that long, trying all those that
/// still wait one after the other would take hours and tell nothing. Safe for concurrent use.
/// </summary>
/// <param name="limitSeconds">How long nothing may be answered, seconds.</param>
/// <param name="time">Clock.</param>
internal sealed class ClusterSilence(double limitSeconds, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource over = new();
    private long answeredAt = time.GetTimestamp();

    /// <summary>Set when the cluster has been silent for too long.</summary>
    public CancellationToken IsOver => over.Token;

    /// <summary>A request was answered, with whatever.</summary>
    public void Answered() => Volatile.Write(ref answeredAt, time.GetTimestamp());

    /// <summary>A request was not answered.</summary>
    public void NotAnswered()
    {
        if (time.GetElapsedTime(Volatile.Read(ref answeredAt)).TotalSeconds > limitSeconds)
        {
            over.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => over.Dispose();
}

/// <summary>A replay was given up because no node answered.</summary>
internal sealed class ClusterSilentException(string message) : Exception(message);
