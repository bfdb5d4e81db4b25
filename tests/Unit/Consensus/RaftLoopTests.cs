using System.Threading.Channels;
using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Consensus;

/// <summary>Many groups, one thread, one writer: what goes together and what waits for what.</summary>
public sealed class RaftLoopTests : IDisposable
{
    private readonly RaftLoopOptions options = new() { TickMs = 5, ElectionTicks = 4, MaxInboxMessages = 4 };
    private readonly Outbox outbox = new();
    private readonly Writer writer = new();
    private readonly TaskCompletionSource<Exception> failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RaftLoop loop;

    public RaftLoopTests()
    {
        loop = new RaftLoop(options, outbox, writer, TimeProvider.System, failure.SetResult);
        writer.Persisted = () => loop.Persisted(null);
    }

    private static CancellationToken Guard => TestContext.Current.CancellationToken;

    public void Dispose() => loop.Dispose();

    [Fact]
    public async Task What_all_groups_owe_goes_in_one_batch_and_what_comes_meanwhile_in_the_next()
    {
        var groups = await LedAsync(3);
        var (a, b, c) = (groups[0], groups[1], groups[2]);
        writer.Answers = false;

        await ProposeAsync(a, b);
        Assert.Equal(["1:1", "2:1"], await writer.NextAsync(Guard));

        // The third is not in the batch that is being written: it waits all the same.
        await ProposeAsync(b, c, a, b);
        await OnLoopAsync(() => { });
        Assert.Equal(0, writer.Waiting);

        loop.Persisted(null);
        Assert.Equal(["1:1", "2:2", "3:1"], (await writer.NextAsync(Guard)).Order());
        loop.Persisted(null);
    }

    [Fact]
    public async Task Nothing_is_applied_or_answered_before_it_is_written()
    {
        var (a, _) = await LedAsync();
        writer.Answers = false;
        var waiter = new LoopWaiter();
        await OnLoopAsync(() => Assert.True(a.TryPropose(new byte[] { 7 }, waiter)));
        await writer.NextAsync(Guard);
        await OnLoopAsync(() => Assert.DoesNotContain(a.Texts, t => t is [7]));
        Assert.False(waiter.End.IsCompleted);

        loop.Persisted(null);
        Assert.Equal("applied", await waiter.End.WaitAsync(Guard));
    }

    [Fact]
    public async Task An_answer_that_promises_entries_leaves_only_when_they_are_written()
    {
        var follower = LoopGroup.Of(3, options, 1, 2, 3);
        loop.Add(follower);
        writer.Answers = false;
        loop.Start();
        loop.Receive(follower.Id, new AppendRequest(2, 1, 1, 1, 1, [new Entry(1, 2, EntryKind.Normal, new byte[] { 1 })], 1));

        Assert.Equal(["3:1"], await writer.NextAsync(Guard));
        await OnLoopAsync(() => Assert.DoesNotContain(outbox.Sent, m => m is AppendResponse));
        loop.Persisted(null);
        await OnLoopAsync(() => { });
        await OnLoopAsync(() => Assert.Contains(outbox.Sent, m => m is AppendResponse { Index: 2, Rejected: false }));
    }

    [Fact]
    public async Task When_the_store_fails_for_good_the_loop_ends_and_nobody_hears_that_anything_was_done()
    {
        var (a, _) = await LedAsync();
        writer.Answers = false;
        var waiter = new LoopWaiter();
        await OnLoopAsync(() => Assert.True(a.TryPropose(new byte[] { 7 }, waiter)));
        await writer.NextAsync(Guard);

        loop.Persisted(new IOException("the disk is gone"));
        Assert.Contains("nothing more is acknowledged", (await failure.Task.WaitAsync(Guard)).Message, StringComparison.Ordinal);
        Assert.Equal("lost", await waiter.End.WaitAsync(Guard));
    }

    [Fact]
    public void Messages_over_the_limit_of_the_inbox_are_dropped_and_counted()
    {
        var group = LoopGroup.Of(1, options, 1);
        loop.Add(group);
        for (var i = 0; i < 7; i++)
        {
            loop.Receive(group.Id, new HeartbeatRequest(2, 1, 1, 0, 0, 1));
        }

        Assert.Equal(3, loop.DroppedMessages);
    }

    /// <summary>Two groups of which this node is the only replica, once it leads both and everything is written.</summary>
    private async Task<(LoopGroup A, LoopGroup B)> LedAsync()
    {
        var groups = await LedAsync(2);
        return (groups[0], groups[1]);
    }

    private async Task<IReadOnlyList<LoopGroup>> LedAsync(int count)
    {
        var groups = Enumerable.Range(1, count).Select(i => LoopGroup.Of((ushort)i, options, 1)).ToList();
        groups.ForEach(loop.Add);
        var led = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Ticked += _ =>
        {
            if (groups.TrueForAll(g => g is { IsServing: true, Outstanding: null }))
            {
                led.TrySetResult();
            }
        };
        loop.Start();
        await led.Task.WaitAsync(Guard);
        writer.Forget();
        return groups;
    }

    private Task ProposeAsync(params LoopGroup[] to) => OnLoopAsync(() => Assert.All(to, g => Assert.True(g.TryPropose(new byte[] { 1 }, null))));

    private async Task OnLoopAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        await done.Task.WaitAsync(Guard);
    }

    private sealed class Outbox : IRaftOutbox
    {
        public List<RaftMessage> Sent { get; } = [];

        public void Send(GroupId group, IReadOnlyList<RaftMessage> messages) => Sent.AddRange(messages);

        public void FlushAll()
        {
        }
    }

    /// <summary>Writes nothing down but what it was asked to: groups, each with the number of its entries.</summary>
    private sealed class Writer : IBatchWriter
    {
        private readonly Channel<string[]> batches = Channel.CreateUnbounded<string[]>();

        private volatile bool answers = true;

        public bool Answers
        {
            get => answers;
            set => answers = value;
        }

        public Action? Persisted { get; set; }

        public int Waiting => batches.Reader.Count;

        public void Write(IReadOnlyList<GroupReplica> groups, IReadOnlyList<StoreStep> steps)
        {
            batches.Writer.TryWrite([.. groups.Select(g => $"{g.Id.Value}:{g.Outstanding!.Entries.Count}").Order(StringComparer.Ordinal)]);
            if (Answers)
            {
                Persisted!();
            }
        }

        public async Task<string[]> NextAsync(CancellationToken guard) => await batches.Reader.ReadAsync(guard);

        public void Forget()
        {
            while (batches.Reader.TryRead(out _))
            {
            }
        }
    }
}
