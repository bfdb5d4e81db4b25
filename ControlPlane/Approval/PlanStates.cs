using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>What may follow what in a plan's life.</summary>
internal static class PlanStates
{
    private static readonly Dictionary<PlanState, PlanState[]> Next = new()
    {
        [PlanState.Proposed] = [PlanState.Approved, PlanState.Scheduled, PlanState.Rejected, PlanState.Stale, PlanState.Expired],
        [PlanState.Approved] = [PlanState.Running, PlanState.Stale, PlanState.Rejected],
        [PlanState.Scheduled] = [PlanState.Running, PlanState.Stale, PlanState.Rejected, PlanState.Proposed, PlanState.Expired],
        [PlanState.Running] = [PlanState.Done, PlanState.Halted, PlanState.Failed],
    };

    /// <summary>States in which a plan waits or runs.</summary>
    public static readonly IReadOnlyList<PlanState> Open = [PlanState.Proposed, PlanState.Approved, PlanState.Scheduled, PlanState.Running];

    /// <summary>States in which its moves will be made without anybody being asked again.</summary>
    public static readonly IReadOnlyList<PlanState> Going = [PlanState.Approved, PlanState.Scheduled, PlanState.Running];

    /// <summary>Whether <paramref name="to"/> may follow <paramref name="from"/>.</summary>
    public static bool MayFollow(PlanState from, PlanState to) => Next.TryGetValue(from, out var next) && next.Contains(to);

    /// <summary>Whether nothing follows.</summary>
    public static bool IsEnded(this PlanState state) => !Next.ContainsKey(state);
}
