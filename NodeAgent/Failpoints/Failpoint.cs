using System.Runtime.InteropServices;

namespace ShardConsole.NodeAgent.Failpoints;

/// <summary>
/// Places where a test makes the node die, fail or wait. Without rules each costs one look at a static field. Rules are set once, before anything runs.
/// </summary>
internal static class Failpoint
{
    private const int SigKill = 9;
    private static volatile Armed? armed;

    /// <summary>True where rules are set.</summary>
    public static bool IsArmed => armed is not null;

    /// <summary>Sets the rules for the life of the process; rules about files need <see cref="FaultyFiles.Install"/>, which this calls.</summary>
    public static void Arm(IReadOnlyList<FailpointRule> rules)
    {
        if (rules.Count == 0)
        {
            return;
        }

        armed = new Armed(rules);
        FaultyFiles.Install(remember: rules.Any(r => r.Action == FailpointAction.Lose));
    }

    /// <summary>The point is reached.</summary>
    /// <exception cref="FailpointException">A rule lets the step fail.</exception>
    public static void Hit(string point)
    {
        if (armed is not null && Ask(point) is FailpointAction.Error or FailpointAction.Full)
        {
            throw new FailpointException(point);
        }
    }

    /// <summary>The point whose name has a part that is only known here; nothing is built where no rule is set.</summary>
    public static void Hit(string family, string member)
    {
        if (armed is not null)
        {
            Hit(family + member.ToLowerInvariant());
        }
    }

    /// <summary>The point is reached; answers the failure that is to be reported, null for none. Does not return from a kill.</summary>
    public static FailpointAction? Ask(string point)
    {
        if (armed?.Next(point) is not { } rule)
        {
            return null;
        }

        switch (rule.Action)
        {
            case FailpointAction.Lose:
                FaultyFiles.LoseUnsynced(rule.From);
                Kill();
                return null;
            case FailpointAction.Kill:
                Kill();
                return null;
            case FailpointAction.Sleep:
#pragma warning disable RS0030 // a step that takes longer is what is asked for
                Thread.Sleep(rule.SleepMs);
#pragma warning restore RS0030
                return null;
            default:
                return rule.Action;
        }
    }

    private static void Kill()
    {
        _ = kill(Environment.ProcessId, SigKill);
    }

#pragma warning disable SYSLIB1054, CA5392 // one call without marshalling does not need generated code
    [DllImport("libc")]
    private static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, CA5392

    private sealed class Armed(IReadOnlyList<FailpointRule> rules)
    {
        private readonly Lock gate = new();
        private readonly Dictionary<string, long> hits = rules.Select(r => r.Point).Distinct().ToDictionary(p => p, _ => 0L);

        /// <summary>Counts a hit and answers the rule that it meets.</summary>
        public FailpointRule? Next(string point)
        {
            lock (gate)
            {
                if (!hits.TryGetValue(point, out var count))
                {
                    return null;
                }

                hits[point] = ++count;
                return rules.FirstOrDefault(r => r.Point == point && count >= r.From && count <= r.To);
            }
        }
    }
}
