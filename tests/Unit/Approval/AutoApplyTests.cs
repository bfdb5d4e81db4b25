using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval.Core;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Plans;
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
    public void The_window_is_judged_by_when_each_move_begins_not_by_when_the_plan_is_found()
    {
        var bound = Night with { Window = "nights" };
        PolicyFacts At(params double?[] hours) => Good with { Starts = [.. hours.Select((h, i) => (i + 1, h is { } x ? TestClock.Start.AddHours(x) : (DateTimeOffset?)null))] };
        string Verdict(PolicyFacts facts, double later = 0) => AutoApply.Decide(bound, [Window], facts, TestClock.Start.AddHours(later)).Verdict;

        Assert.Equal("night moves: approves", Verdict(At(10.5, 11, 17)));
        Assert.Equal("night moves: no, move 2 would begin at 2026-03-02 18:00:00Z, outside the window nights", Verdict(At(11, 6)));
        Assert.Equal("night moves: no, move 1 would begin at 2026-03-02 12:00:00Z, outside the window nights", Verdict(At(null, 11)));
        Assert.Equal("night moves: approves", Verdict(At(null, 2), later: 11));
    }

    [Fact]
    public void A_move_that_would_begin_in_a_freeze_is_not_approved_before_it()
    {
        var frozen = Of(Night) with { Windows = [Window with { Name = "sale", Kind = WindowKind.Freeze, From = new TimeOnly(14, 0), To = new TimeOnly(15, 0) }] };

        Assert.Equal("night moves: approves", Decide(frozen, Good).Verdict);
        Assert.Equal(
            "no, move 7 would begin at 2026-03-02 14:30:00Z, frozen by sale", Decide(frozen, Good with { Starts = [(7, TestClock.Start.AddHours(2.5))] }).Verdict);
    }

    [Fact]
    public void Kinds_of_action_bind_a_policy()
    {
        var light = Night with { Actions = ["transfer", "move"] };

        Assert.Equal("night moves: approves", Decide(light, Good with { Actions = ["move"] }).Verdict);
        Assert.Equal("night moves: no, a clump is no transfer or move", Decide(light, Good with { Actions = ["move", "clump"] }).Verdict);
        Assert.Equal("night moves: approves", Decide(Night, Good with { Actions = ["clump"] }).Verdict);
    }

    [Fact]
    public void A_plan_names_the_kinds_of_its_actions()
    {
        Plan With(params (int Segment, int From, int To, int? Clump)[] moves) => new(
            "load", TestClock.Start, 1, "", [.. moves.Select((m, i) => new Move(i + 1, new((ushort)m.Segment), new((ushort)m.From), new((ushort)m.To), 1, 1, "", null, m.Clump))],
            new PlanPreconditions([], [], 0, []), moves.Length > 1 ? [new LeaderTransfer(9, new(1), new(1), new(2), 1, "")] : []);

        Assert.Equal(["move"], PlanActions.Of(With((1, 1, 2, null))));
        Assert.Equal(["transfer", "swap"], PlanActions.Of(With((1, 1, 2, null), (2, 2, 1, null))));
        Assert.Equal(["transfer", "move", "clump"], PlanActions.Of(With((1, 1, 2, null), (2, 3, 1, 1))));
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
