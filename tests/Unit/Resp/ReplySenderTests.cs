using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.Unit.Resp;

public sealed class ReplySenderTests
{
    [Fact]
    public void Without_a_thread_what_the_loop_posts_waits_for_the_loop_and_what_others_post_does_not()
    {
        using var sender = new ReplySender(hasThread: false);
        using var sent = new ManualResetEventSlim();
        var byLoop = true;
        sender.IsSentByPoster = () => byLoop;

        sender.Post(new Probe(sent.Set));
        Assert.False(sent.IsSet);
        sender.SendPosted();
        Assert.True(sent.IsSet);

        sent.Reset();
        byLoop = false;
        sender.Post(new Probe(sent.Set));
        sent.Wait(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void With_a_thread_or_with_nobody_to_send_it_is_sent_all_the_same(bool hasThread)
    {
        using var sender = new ReplySender(hasThread);
        using var sent = new CountdownEvent(100);
        for (var i = 0; i < 100; i++)
        {
            sender.Post(new Probe(() => sent.Signal()));
        }

        sent.Wait(TestContext.Current.CancellationToken);
    }

    private sealed class Probe(Action onDrain) : IDrained
    {
        public Task DrainAsync()
        {
            onDrain();
            return Task.CompletedTask;
        }
    }
}
