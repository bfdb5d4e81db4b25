using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Replicas;

/// <summary>What a group's leader tells M of its replicas, and when it may.</summary>
public sealed class ReplicaReportTests
{
    private static readonly GroupId Group = new(1);
    private readonly ReplicaLeaderCore core = new(Group, 5, new ReplicaOptions());
    private readonly GroupPicture picture = new(1, ConfigurationState.OfVoters([1, 2, 4]), 90, 90, 0, []) { LastChangeIndex = 80 };

    public ReplicaReportTests() => Order(7, 1, 2, 4);

    [Fact]
    public void A_report_is_owed_apart_from_what_is_sent_at_once_since_a_deposed_leader_would_make_it_too()
    {
        var work = core.Look(picture, now + 100_000);

        Assert.DoesNotContain(work.ToMeta, m => m is ReplicasReport);
        Assert.Equal((7UL, 90UL), (work.Report!.Change, work.Report.Index));
        Assert.True(core.StillHolds(work.Report, picture));
        Assert.True(core.StillHolds(work.Report, picture with { Applied = 95, LastIndex = 99 }));
    }

    [Fact]
    public void A_report_holds_no_longer_when_the_configuration_was_changed_or_is_about_to_be()
    {
        var report = core.Look(picture, now + 100_000).Report!;

        Assert.False(core.StillHolds(report, picture with { Configuration = ConfigurationState.OfVoters([1, 2, 3]) }));
        Assert.False(core.StillHolds(report, picture with { Configuration = picture.Configuration with { Learners = [5] } }));
        Assert.False(core.StillHolds(report, picture with { Configuration = picture.Configuration with { VotersOutgoing = [1, 2, 3] } }));
        Assert.False(core.StillHolds(report, picture with { LastChangeIndex = 91 }));
    }

    [Fact]
    public void A_report_holds_no_longer_when_M_wants_something_else()
    {
        var report = core.Look(picture, now + 100_000).Report!;

        Order(7, 1, 2, 3);
        Assert.False(core.StillHolds(report, picture));
        Order(8, 1, 2, 4);
        Assert.False(core.StillHolds(report, picture));
    }

    private long now;

    private void Order(ulong change, params ulong[] target)
    {
        core.OnHint();
        var question = core.Look(picture, now += 1_000_000).ToMeta.OfType<AskOrder>().Single();
        core.OnAnswer(new OrderAnswer(Group, 5, question.Question, new ReplicaOrder(change, [.. target.Select(n => new NodeId(n))], default)));
    }
}
