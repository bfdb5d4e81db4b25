using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Planning;

namespace ShardConsole.Unit.Planning;

public sealed class AutoApplyTests
{
    private static readonly AutoApplyPolicy Night = new("night moves", true, 5, 1_000_000_000, 0.9, 30);
    private static readonly PlanFigures Good = new(5, 900_000_000, 80, 1.8, 1.3, 60, 0, 10, 0, 0.93, null, null, null);

    [Fact]
    public void A_plan_inside_every_limit_is_approved() =>
        Assert.Equal(new AutoApplyVerdict(true, "night moves: approves"), AutoApply.Decide(Night, Good));

    [Fact]
    public void A_policy_that_is_off_approves_nothing() =>
        Assert.Equal(new AutoApplyVerdict(false, "night moves: would approve, but is off"), AutoApply.Decide(Night with { Enabled = false }, Good));

    [Fact]
    public void The_first_limit_that_does_not_hold_is_named()
    {
        string Verdict(PlanFigures figures) => AutoApply.Decide(Night, figures).Verdict;

        Assert.Equal("night moves: no, 12 > 5 moves", Verdict(Good with { Moves = 12 }));
        Assert.Equal("night moves: no, 2.1 GB > 1.0 GB", Verdict(Good with { Bytes = 2_100_000_000 }));
        Assert.Equal("night moves: no, confidence 0.80 < 0.90", Verdict(Good with { Confidence = 0.8 }));
        Assert.Equal("night moves: no, confidence NaN < 0.90", Verdict(Good with { Confidence = double.NaN }));
        Assert.Equal("night moves: no, gain 20 < 30 minutes", Verdict(Good with { MinutesOverAfter = 50 }));
        Assert.Equal("night moves: no, nothing moves", Verdict(Good with { Moves = 0 }));
    }

    [Fact]
    public void Any_policy_that_approves_is_enough_and_none_is_said()
    {
        var large = Night with { Name = "large", MaxMoves = 50 };

        Assert.Equal("no policy", AutoApply.Decide([], Good).Verdict);
        Assert.Equal(new AutoApplyVerdict(true, "large: approves"), AutoApply.Decide([Night, large], Good with { Moves = 12 }));
        Assert.Equal("night moves: no, 12 > 5 moves", AutoApply.Decide([large with { Enabled = false }, Night], Good with { Moves = 12 }).Verdict);
    }
}
