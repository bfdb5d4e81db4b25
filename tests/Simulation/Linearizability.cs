namespace ShardConsole.Simulation;

/// <summary>One operation on one register as its client saw it.</summary>
/// <param name="IsWrite">Writes Value; else it read Value (null: nothing there).</param>
/// <param name="Start">When it was sent.</param>
/// <param name="End">When it was answered; <see cref="long.MaxValue"/>: never, it may have happened at any time after Start, or not at all.</param>
internal readonly record struct Operation(bool IsWrite, string? Value, long Start, long End);

/// <summary>
/// Decides whether a history of one register is linearizable: searches for an order that respects real time (Wing and Gong), and remembers which sets of done operations
/// with which value were tried in vain (Lowe).
/// </summary>
internal static class Linearizability
{
    /// <summary>Steps after which the search is given up.</summary>
    public const int MaxSteps = 5_000_000;

    /// <summary>Null: linearizable; else what could not be placed.</summary>
    public static string? WhyNot(IReadOnlyList<Operation> history)
    {
        var operations = history.OrderBy(o => o.Start).ThenBy(o => o.End).ToArray();
        var done = new bool[operations.Length];
        var seen = new HashSet<(string? Value, string Done)>();
        var stack = new Stack<(int Operation, string? Before, int First)>();
        string? value = null;
        var (first, from, placed, best, steps) = (0, 0, 0, 0, 0);
        var stuckAt = 0;
        var required = operations.Count(o => o.End != long.MaxValue);
        while (placed < required)
        {
            if (++steps > MaxSteps)
            {
                return $"The search was given up after {MaxSteps} steps.";
            }

            var next = Next(operations, done, first, from, value);
            if (next >= 0)
            {
                var before = value;
                done[next] = true;
                value = operations[next].IsWrite ? operations[next].Value : value;
                var newFirst = first;
                while (newFirst < done.Length && done[newFirst])
                {
                    newFirst++;
                }

                if (seen.Add((value, Key(done, newFirst))))
                {
                    stack.Push((next, before, first));
                    placed += operations[next].End == long.MaxValue ? 0 : 1;
                    if (placed > best)
                    {
                        (best, stuckAt) = (placed, newFirst);
                    }

                    (first, from) = (newFirst, newFirst);
                    continue;
                }

                done[next] = false;
                value = before;
                from = next + 1;
                continue;
            }

            if (stack.Count == 0)
            {
                return $"{best} of {required} answered operations can be ordered; then nothing fits near {Describe(operations, stuckAt)}.";
            }

            (var undone, value, first) = stack.Pop();
            done[undone] = false;
            placed -= operations[undone].End == long.MaxValue ? 0 : 1;
            from = undone + 1;
        }

        return null;
    }

    private static string Describe(Operation[] operations, int at) =>
        string.Join(", ", operations.Skip(Math.Max(0, at - 3)).Take(8).Select(o => $"{(o.IsWrite ? "write" : "read")} {o.Value ?? "nil"} [{o.Start}, {(o.End == long.MaxValue ? "never" : o.End)}]"));

    // An operation may come next when no other one that is not done ended before it began.
    private static int Next(Operation[] operations, bool[] done, int first, int from, string? value)
    {
        var earliestEnd = long.MaxValue;
        for (var i = first; i < operations.Length && operations[i].Start <= earliestEnd; i++)
        {
            earliestEnd = done[i] ? earliestEnd : Math.Min(earliestEnd, operations[i].End);
        }

        for (var i = Math.Max(first, from); i < operations.Length && operations[i].Start <= earliestEnd; i++)
        {
            if (!done[i] && (operations[i].IsWrite || operations[i].Value == value))
            {
                return i;
            }
        }

        return -1;
    }

    // What is done behind the first that is not: few, so the key is short.
    private static string Key(bool[] done, int first)
    {
        var key = new System.Text.StringBuilder().Append(first);
        var last = Array.LastIndexOf(done, true);
        for (var i = first; i <= last; i++)
        {
            if (done[i])
            {
                key.Append(',').Append(i);
            }
        }

        return key.ToString();
    }
}
