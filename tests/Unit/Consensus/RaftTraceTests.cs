using System.Text.Json;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

public sealed class RaftTraceTests
{
    [Fact]
    public void An_election_and_a_proposal_leave_their_events_in_order()
    {
        var events = new List<RaftTraceEvent>();
        var group = new TestGroup(3, with: o => o with { PreVote = true, Trace = o.Id == 1 ? events.Add : null }).Elect(1);
        group[1].Propose("x");
        group.Settle();

        string[] wanted = ["InitState", "BecomePreCandidate", "BecomeCandidate", "BecomeLeader", "Replicate", "Commit", "Replicate", "Commit"];
        Assert.Equal(wanted, events.Where(e => e.Message is null && e.Name != "BecomeFollower").Select(e => e.Name));
        Assert.Contains(events, e => e is { Name: "Send", Message: VoteRequest { To: 2 } });
        Assert.Contains(events, e => e is { Name: "Receive", Message: AppendResponse { From: 3 } });
    }

    [Fact]
    public void A_line_holds_the_state_the_configuration_and_the_message()
    {
        var line = RaftTraceLine.Of(new RaftTraceEvent(
            "Send", 1, 3, 1, 7, RaftRole.Leader, 9, ConfigurationState.OfVoters([1, 2]), new AppendRequest(1, 2, 3, 8, 2, [new Entry(3, 9, EntryKind.Normal, default)], 7)));

        Assert.DoesNotContain('\n', line);
        using var json = JsonDocument.Parse(line);
        Assert.Equal(
            "{\"name\":\"Send\",\"node\":1,\"term\":3,\"vote\":1,\"commit\":7,\"role\":\"Leader\",\"log\":9,"
            + "\"conf\":{\"voters\":[1,2],\"outgoing\":[],\"learners\":[],\"learnersNext\":[],\"autoLeave\":false},"
            + "\"message\":{\"type\":\"AppendRequest\",\"from\":1,\"to\":2,\"term\":3,\"prevIndex\":8,\"prevTerm\":2,\"entries\":1,\"commit\":7}}",
            line);
    }
}
