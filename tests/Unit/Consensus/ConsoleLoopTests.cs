using System.Text.Json;
using ShardConsole.RaftConsole;

namespace ShardConsole.Unit.Consensus;

public sealed class ConsoleLoopTests
{
    [Fact]
    public void Every_directive_is_answered_by_a_word_the_state_and_a_dot()
    {
        var answers = Play("# a comment\nadd-nodes 3 voters=(1,2,3) index=2\n\n\ncampaign 1\n\nstabilize");

        Assert.Equal(["ok", "ok", "ok"], answers.Select(a => a.Word));
        Assert.Equal(
            "{\"id\":1,\"term\":1,\"vote\":1,\"commit\":3,\"applied\":3,\"lead\":1,\"role\":\"Leader\",\"first\":3,\"log\":[[1,3,\"normal\",\"\"]],\"conf\":\"voters=(1 2 3)\"}",
            answers[2].State.GetProperty("nodes")[0].GetRawText());
        Assert.Equal(0, answers[2].State.GetProperty("inflight").GetInt32());
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("campaign")]
    [InlineData("campaign 7")]
    [InlineData("campaign x")]
    [InlineData("add-nodes 99999999999999999999")]
    [InlineData("add-nodes 1 index=1")]
    [InlineData("add-nodes 1 voter=(1)")]
    [InlineData("add-nodes 100000000")]
    [InlineData("add-nodes 1 prevote=maybe")]
    [InlineData("propose 2 x")]
    [InlineData("propose 1")]
    [InlineData("propose-conf-change 1\nx4")]
    [InlineData("propose-conf-change 1\nv")]
    [InlineData("propose-conf-change 1 v1=true\nv4 v5")]
    [InlineData("propose-conf-change 1 transition=sideways\nv4")]
    [InlineData("deliver-msgs 9")]
    [InlineData("deliver-msgs 1 type=MsgBogus")]
    [InlineData("compact 1 99")]
    [InlineData("set-randomized-election-timeout 1")]
    [InlineData("send-snapshot 1 9")]
    [InlineData("partition (1)(2 9)")]
    [InlineData("partition (1")]
    [InlineData("partition")]
    [InlineData("seed 1 steps 99999999999")]
    [InlineData("log-level loud")]
    [InlineData("committed cfg=(1,2,3) idx=(1)")]
    [InlineData("vote cfg=(1) votes=(x)")]
    [InlineData("read-index 2 a")]
    public void What_cannot_be_carried_out_is_an_error_and_changes_nothing(string directive)
    {
        var answers = Play($"add-nodes 3 voters=(1,2,3) index=2\n\ncampaign 1\n\nstabilize\n\n{directive}");

        Assert.StartsWith("error: ", answers[3].Word, StringComparison.Ordinal);
        Assert.Equal(answers[2].State.GetRawText(), answers[3].State.GetRawText());
    }

    [Theory]
    [InlineData("committed cfg=(1,2,3) idx=(5,_,7)", "5")]
    [InlineData("committed cfg=(3,1) cfgj=(2) idx=(9,8,4)", "4")]
    [InlineData("committed cfg=() idx=()", "∞")]
    [InlineData("vote cfg=(1,2) cfgj=(2,3) votes=(y,y,_)", "VotePending")]
    [InlineData("vote cfg=(1,2,3) cfgj=zero votes=(y,y,_)", "VoteWon")]
    [InlineData("vote cfg=(1,2,3) votes=(n,n,_)", "VoteLost")]
    public void Quorum_directives_answer_in_the_result(string directive, string result) =>
        Assert.Equal(result, Assert.Single(Play(directive)).State.GetProperty("result").GetString());

    [Fact]
    public void A_minority_commits_nothing_and_gives_way_when_the_partition_heals_and_a_crash_keeps_what_was_persisted()
    {
        var answers = Play(
            "add-nodes 3 voters=(1,2,3) index=10\n\ncampaign 1\n\nstabilize\n\npartition (1)(2 3)\n\npropose 1 lost\n\nstabilize\n\ncampaign 2\n\nstabilize\n\n"
            + "crash 1\n\ntick-election 1\n\nrestart 1\n\nheal\n\ntick-heartbeat 2\n\nstabilize\n\nread-index 2 mine\n\nstabilize");

        Assert.Equal("error: node 1 is down", answers[9].Word);
        Assert.Equal("[[1,11,\"normal\",\"\"],[1,12,\"normal\",\"lost\"]]", answers[10].State.GetProperty("nodes")[0].GetProperty("log").GetRawText());
        Assert.All(answers[13].State.GetProperty("nodes").EnumerateArray(), n => Assert.Equal("[[1,11,\"normal\",\"\"],[2,12,\"normal\",\"\"]]", n.GetProperty("log").GetRawText()));
        Assert.Equal("[[12,\"mine\"]]", answers[15].State.GetProperty("nodes")[1].GetProperty("reads").GetRawText());
    }

    [Fact]
    public void A_window_of_three_messages_holds_a_follower_that_does_not_answer_until_a_heartbeat_shows_that_it_lives()
    {
        var answers = Play(
            "add-nodes 3 voters=(1,2,3) index=10 inflight=3\n\ncampaign 1\n\nstabilize\n\npropose 1 a\n\npropose 1 b\n\npropose 1 c\n\nprocess-ready 1\n\n"
            + "deliver-msgs drop=3\n\npropose 1 d\n\nstabilize 1 2\n\ntick-heartbeat 1\n\nstabilize 1\n\nstabilize 2 3\n\nstabilize 1\n\nstabilize 3\n\nstabilize");

        Assert.Equal([15, 15, 11], Commits(answers[14]));
        Assert.Equal([15, 15, 15], Commits(answers[15]));
    }

    private static IEnumerable<int> Commits((string Word, JsonElement State) answer) =>
        answer.State.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("commit").GetInt32());

    private static List<(string Word, JsonElement State)> Play(string input)
    {
        using var output = new StringWriter();
        ConsoleLoop.Run(new StringReader(input), output);
        return [.. output.ToString().Split("\n.\n", StringSplitOptions.RemoveEmptyEntries).Select(a => a.Split('\n')).Select(a => (a[0], JsonDocument.Parse(a[1]).RootElement))];
    }
}
