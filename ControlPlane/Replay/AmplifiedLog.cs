namespace ShardConsole.ControlPlane.Replay;

/// <summary>One of the requests that a logged one becomes.</summary>
/// <param name="At">When it is due, log time.</param>
/// <param name="Of">The logged request.</param>
/// <param name="Copy">Number of the derived key, 0..Amplify - 1.</param>
internal readonly record struct AmplifiedRequest(DateTimeOffset At, LoggedRequest Of, int Copy);

/// <summary>
/// Each request of a log on k derived keys, evenly over the S log seconds that follow it: so a small log makes real load without making every request of it a burst.
/// In the order of the times; requests of one time in the order of the log, so every derived key keeps the order of its logged one.
/// </summary>
internal static class AmplifiedLog
{
    /// <summary>Longest spread, seconds.</summary>
    public const double MaxSpreadSeconds = 86_400;

    /// <param name="log">In the order of its times.</param>
    /// <param name="amplify">k, at least 1.</param>
    /// <param name="spreadSeconds">S, 0..<see cref="MaxSpreadSeconds"/>; 0: all at the time of the logged one.</param>
    public static IEnumerable<AmplifiedRequest> Of(IEnumerable<LoggedRequest> log, int amplify, double spreadSeconds)
    {
        // One entry for each logged request whose copies are not all out: as many as are logged in S seconds.
        var open = new PriorityQueue<AmplifiedRequest, (DateTimeOffset At, long Number)>();
        var number = 0L;
        foreach (var request in log)
        {
            while (open.TryPeek(out _, out var due) && due.At <= request.At)
            {
                yield return Next(open, amplify, spreadSeconds);
            }

            open.Enqueue(new AmplifiedRequest(request.At, request, 0), (request.At, number++));
        }

        while (open.Count > 0)
        {
            yield return Next(open, amplify, spreadSeconds);
        }
    }

    /// <summary>When a copy is due.</summary>
    public static DateTimeOffset DueAt(DateTimeOffset at, int copy, int amplify, double spreadSeconds) => at.AddSeconds(copy * (spreadSeconds / amplify));

    private static AmplifiedRequest Next(PriorityQueue<AmplifiedRequest, (DateTimeOffset At, long Number)> open, int amplify, double spreadSeconds)
    {
        _ = open.TryDequeue(out var request, out var place);
        if (request.Copy + 1 < amplify)
        {
            var at = DueAt(request.Of.At, request.Copy + 1, amplify, spreadSeconds);
            open.Enqueue(new AmplifiedRequest(at, request.Of, request.Copy + 1), (at, place.Number));
        }

        return request;
    }
}
