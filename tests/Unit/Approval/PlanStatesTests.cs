using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval;

namespace ShardConsole.Unit.Approval;

public sealed class PlanStatesTests
{
    [Fact]
    public void A_life_of_a_plan_takes_only_these_steps()
    {
        var steps = Enum.GetValues<PlanState>()
            .SelectMany(from => Enum.GetValues<PlanState>().Where(to => PlanStates.MayFollow(from, to)).Select(to => $"{from}>{to}")).Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "Approved>Rejected", "Approved>Running", "Approved>Stale",
                "Proposed>Approved", "Proposed>Expired", "Proposed>Rejected", "Proposed>Scheduled", "Proposed>Stale",
                "Running>Done", "Running>Failed", "Running>Halted",
                "Scheduled>Expired", "Scheduled>Proposed", "Scheduled>Rejected", "Scheduled>Running", "Scheduled>Stale",
            ],
            steps);
    }

    [Fact]
    public void A_plan_is_open_exactly_while_something_may_follow() =>
        Assert.Equal(PlanStates.Open.Order(), Enum.GetValues<PlanState>().Where(s => !s.IsEnded()).Order());
}
