using System.Globalization;

namespace ShardConsole.NodeAgent.Failpoints;

/// <summary>One rule: at the hits <paramref name="From"/> to <paramref name="To"/> (from 1) of the point, the action happens.</summary>
internal sealed record FailpointRule(string Point, long From, long To, FailpointAction Action, int SleepMs)
{
    /// <summary>Longest sleep, milliseconds.</summary>
    public const int MaxSleepMs = 600_000;

    /// <summary>
    /// Reads rules "point[@n|@n-|@n-m]:kill|error|full|lose|sleep=ms", separated by commas; without "@" every hit counts. Wrong ones are named in
    /// <paramref name="problems"/>.
    /// </summary>
    public static IReadOnlyList<FailpointRule> Parse(string text, ICollection<string> problems)
    {
        var rules = new List<FailpointRule>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (ParseOne(part) is { } rule)
            {
                rules.Add(rule);
            }
            else
            {
                problems.Add($"SHARDCONSOLE_FAILPOINT: '{part}' is no rule. Write point[@n|@n-|@n-m]:kill|error|full|lose|sleep=ms; `NodeAgent failpoints` lists the points.");
            }
        }

        return rules;
    }

    private static FailpointRule? ParseOne(string text)
    {
        if (text.Split(':') is not [var where, var what])
        {
            return null;
        }

        var at = where.IndexOf('@', StringComparison.Ordinal);
        var point = at < 0 ? where : where[..at];
        var (from, to) = at < 0 ? (1, long.MaxValue) : Range(where[(at + 1)..]);
        var sleepMs = what.StartsWith("sleep=", StringComparison.Ordinal) && int.TryParse(what[6..], NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? ms : 0;
        FailpointAction? action = what switch
        {
            "kill" => FailpointAction.Kill,
            "error" => FailpointAction.Error,
            "full" => FailpointAction.Full,
            "lose" => FailpointAction.Lose,
            _ when sleepMs is > 0 and <= MaxSleepMs => FailpointAction.Sleep,
            _ => null,
        };
        return action is { } known && FailpointList.Knows(point) && from >= 1 && to >= from ? new FailpointRule(point, from, to, known, sleepMs) : null;
    }

    private static (long From, long To) Range(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var from = Number(dash < 0 ? text : text[..dash]);
        return (from, dash < 0 ? from : dash == text.Length - 1 ? long.MaxValue : Number(text[(dash + 1)..]));
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
