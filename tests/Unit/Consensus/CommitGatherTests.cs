using ShardConsole.NodeAgent.Consensus;

namespace ShardConsole.Unit.Consensus;

public sealed class CommitGatherTests
{
    private const long IdleMicros = 50;
    private const long MaxMicros = 2000;

    private readonly CommitGather gather = new(IdleMicros, MaxMicros);

    [Fact]
    public void Waits_for_the_clients_that_were_just_answered_and_no_longer()
    {
        Propose(5);
        gather.Submitted();
        Propose(3);
        gather.Answered(5);
        gather.Begin(1000);
        for (var client = 0; client < 4; client++)
        {
            gather.Proposed();
            Assert.True(gather.WaitsOn(1010 + client, cameMore: true));
        }

        gather.Proposed();
        Assert.False(gather.WaitsOn(1014, cameMore: true));
    }

    [Fact]
    public void Never_waits_with_nothing_to_write()
    {
        Propose(1);
        gather.Submitted();
        gather.Answered(1);
        gather.Begin(0);
        Assert.False(gather.WaitsOn(0, cameMore: false));
    }

    [Fact]
    public void Forgets_those_who_stay_away_when_nobody_came_for_a_while()
    {
        Propose(10);
        gather.Submitted();
        Propose(1);
        gather.Answered(10);
        gather.Begin(0);
        Assert.True(gather.WaitsOn(IdleMicros, cameMore: false));
        Assert.False(gather.WaitsOn(IdleMicros + 1, cameMore: false));
        Assert.Equal(0, gather.Owed);
    }

    [Fact]
    public void Ends_in_the_longest_time_though_somebody_always_comes()
    {
        Propose(1000);
        gather.Submitted();
        gather.Answered(1000);
        gather.Begin(0);
        var now = 0L;
        do
        {
            now += IdleMicros;
            gather.Proposed();
        }
        while (gather.WaitsOn(now, cameMore: true));
        Assert.Equal(MaxMicros + IdleMicros, now);
    }

    [Fact]
    public void Clients_that_come_unasked_are_not_counted_against_those_to_come()
    {
        Propose(7);
        Assert.Equal(0, gather.Owed);
        gather.Answered(2);
        Assert.Equal(2, gather.Owed);
    }

    private void Propose(int count)
    {
        for (var i = 0; i < count; i++)
        {
            gather.Proposed();
        }
    }
}
