using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval.Core;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Approval;

public sealed class AutoApplyTests
{
    private static readonly AutoApplyPolicy Night = new("night moves", true, 5, 1_000_000_000, 0.9, 30);
    private static readonly PolicyFacts Good = new("load", 5, 900_000_000, 0.93, 70);
    private static readonly WindowRule Window = new("nights", WindowKind.Maintenance, true, [], new TimeOnly(22, 0), new TimeOnly(6, 0), "UTC");

    [Fact]
    public void A_plan_inside_every_limit_is_approved() =>
        Assert.Equal(new AutoApplyVerdict(true, "night moves: approves", "night moves"), Decide(Night, Good));

    [Fact]
    public void A_policy_that_is_off_approves_nothing() =>
        Assert.Equal(new AutoApplyVerdict(false, "night moves: would approve, but is off", "night moves"), Decide(Night with { Enabled = false }, Good));

    [Fact]
    public void The_first_limit_that_does_not_hold_is_named()
    {
        string Verdict(PolicyFacts facts) => Decide(Night, facts).Verdict;

        Assert.Equal("night moves: no, 12 > 5 moves", Verdict(Good with { Moves = 12 }));
        Assert.Equal("night moves: no, 2.1 GB > 1.0 GB", Verdict(Good with { Bytes = 2_100_000_000 }));
        Assert.Equal("night moves: no, confidence 0.80 < 0.90", Verdict(Good with { Confidence = 0.8 }));
        Assert.Equal("night moves: no, confidence NaN < 0.90", Verdict(Good with { Confidence = double.NaN }));
        Assert.Equal("night moves: no, gain 20 < 30 minutes", Verdict(Good with { GainMinutes = 20 }));
        Assert.Equal("night moves: no, nothing moves", Verdict(Good with { Moves = 0 }));
    }

    [Fact]
    public void Any_policy_that_approves_is_enough_and_none_is_said()
    {
        var large = Night with { Name = "large", MaxMoves = 50 };

        Assert.Equal("no policy", Decide(Of(), Good).Verdict);
        Assert.Equal(new AutoApplyVerdict(true, "large: approves", "large"), Decide(Of(Night, large), Good with { Moves = 12 }));
        Assert.Equal("night moves: no, 12 > 5 moves", Decide(Of(large with { Enabled = false }, Night), Good with { Moves = 12 }).Verdict);
    }

    [Fact]
    public void Kind_and_window_bind_a_policy()
    {
        var bound = Night with { Kinds = ["load"], Window = "nights" };

        Assert.Equal("night moves: no, kind reactive is not load", Decide(bound, Good with { Kind = "reactive" }).Verdict);
        Assert.Equal("night moves: no, outside the window nights", Decide(bound, Good).Verdict);
        Assert.Equal("night moves: approves", AutoApply.Decide(bound, [Window], Good, TestClock.Start.AddHours(11)).Verdict);
    }

    [Fact]
    public void A_freeze_four_eyes_and_the_switch_go_before_every_policy()
    {
        var frozen = Of(Night) with { Windows = [Window with { Name = "sale", Kind = WindowKind.Freeze, From = new TimeOnly(11, 0), To = new TimeOnly(13, 0) }] };

        Assert.Equal("no, frozen by sale until 2026-03-02 13:00:00Z", Decide(frozen, Good).Verdict);
        Assert.Equal("no, two people are needed: 5 > 4 moves", Decide(Of(Night) with { FourEyes = FourEyes.Large, FourEyesAboveMoves = 4, FourEyesAboveBytes = 1L << 40 }, Good).Verdict);
        Assert.Equal("policies are off", Decide(Of(Night) with { AutoApply = false }, Good).Verdict);
    }

    private static SettingsValues Of(params AutoApplyPolicy[] policies) => new() { AutoApply = true, Policies = policies };

    private static AutoApplyVerdict Decide(SettingsValues settings, PolicyFacts facts) => AutoApply.Decide(settings, facts, TestClock.Start);

    private static AutoApplyVerdict Decide(AutoApplyPolicy policy, PolicyFacts facts) => AutoApply.Decide(policy, [], facts, TestClock.Start);
}
