using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>Limits how long one command is held while a segment has no owner that may answer. Begins with the first wait.</summary>
internal sealed class HoldTimer(ClientServices services)
{
    private long startedAt;

    /// <summary>A new command begins.</summary>
    public void Reset() => startedAt = 0;

    /// <summary>Waits for the change. False: the time is over.</summary>
    public async ValueTask<bool> WaitAsync(Task change)
    {
        startedAt = startedAt == 0 ? services.Clock.GetTimestamp() : startedAt;
        var left = services.Options.HoldTime - services.Clock.GetElapsedTime(startedAt);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        try
        {
            await change.WaitAsync(left, services.Clock);
        }
        catch (TimeoutException)
        {
            return false;
        }

        return true;
    }
}
