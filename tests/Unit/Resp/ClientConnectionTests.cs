using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Routing;

namespace ShardConsole.Unit.Resp;

/// <summary>"a" has slot 15495, segment 60 of 64; "b" slot 3300, segment 12.</summary>
public sealed class ClientConnectionTests
{
    private const int SegmentOfA = 60;

    private readonly FakeNodeView view = new(nodes: 1, segmentCount: 64);
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = TestClient.NewClock();
    private readonly FakeLoad load = new();
    private readonly FakeReplica replica;

    public ClientConnectionTests()
    {
        replica = new FakeReplica(view.Map.Shards[0].Id, 64, clock) { Leader = view.Self }.Own(Enumerable.Range(0, 64));
        view.Add(replica);
    }

    [Fact]
    public async Task Replies_come_in_the_order_of_the_commands_also_when_writes_are_answered_in_another()
    {
        await using var client = Connect();
        var kept = Keep(4);
        await client.SendAsync("GET a\r\nINCR a\r\nINCR b\r\nAPPEND c xyz\r\nSET d 1\r\nGET a\r\n");
        await kept;

        // All of them are under way at once; the read behind them waits.
        foreach (var i in new[] { 2, 3, 1, 0 })
        {
            replica.Apply(replica.Kept[i]);
        }

        await client.ExpectAsync("$-1\r\n:1\r\n:1\r\n:3\r\n+OK\r\n$1\r\n1\r\n");
    }

    [Fact]
    public async Task A_read_sees_the_write_before_it_on_the_same_connection()
    {
        await using var client = Connect();
        var kept = Keep(1);
        await client.SendAsync("SET a new\r\nGET a\r\nPING\r\n");
        await kept;
        replica.Apply(replica.Kept[0]);

        await client.ExpectAsync("+OK\r\n$3\r\nnew\r\n+PONG\r\n");
    }

    [Fact]
    public async Task No_more_writes_are_begun_than_the_option_allows()
    {
        await using var client = Connect(new ClientProtocolOptions { MaxOutstandingWrites = 3 });
        var kept = Keep(3);
        await client.SendAsync(string.Concat(Enumerable.Repeat("INCR a\r\n", 10)) + "GET a\r\n");
        await kept;
        Assert.Equal(3, replica.Kept.Count);

        replica.Keeps = false;
        foreach (var proposal in replica.Kept)
        {
            replica.Apply(proposal);
        }

        await client.ExpectAsync(string.Concat(Enumerable.Range(1, 10).Select(i => $":{i}\r\n")) + "$2\r\n10\r\n");
    }

    [Fact]
    public async Task A_write_that_answers_a_value_goes_alone()
    {
        await using var client = Connect();
        await client.CallAsync("SET a v");
        var kept = Keep(1);
        await client.SendAsync("GETDEL a\r\nSET b 1\r\n");
        await kept;
        Assert.Single(replica.Kept);

        replica.Keeps = false;
        replica.Apply(replica.Kept[0]);
        await client.ExpectAsync("$1\r\nv\r\n+OK\r\n");
    }

    [Theory]
    [InlineData(ProposalOutcome.Busy, Replies.Busy)]
    [InlineData(ProposalOutcome.StorageFailed, Replies.StorageFailed)]
    [InlineData(ProposalOutcome.OutOfMemory, Replies.OutOfMemory)]
    [InlineData(ProposalOutcome.Unknown, Replies.Unknown)]
    internal async Task Each_outcome_has_its_own_error(ProposalOutcome outcome, string error)
    {
        await using var client = Connect();
        replica.Refuses = outcome;

        Assert.Equal($"-{error}\r\n", await client.CallAsync("SET a 1"));
    }

    [Fact]
    public async Task A_write_refused_when_applied_is_proposed_again_where_its_segment_is()
    {
        await using var client = Connect();
        var kept = Keep(2);
        await client.SendAsync("SET a 1\r\nAPPEND a 2\r\nGET a\r\n");
        await kept;
        replica.Keeps = false;
        replica.Segment(new SegmentId(SegmentOfA)).State = SegmentState.Frozen;
        replica.Apply(replica.Kept[0]);

        // The second is refused too before the first is proposed again: their order stays.
        replica.Apply(replica.Kept[1]);
        replica.Segment(new SegmentId(SegmentOfA)).State = SegmentState.Owned;
        view.Change();

        await client.ExpectAsync("+OK\r\n:2\r\n$2\r\n12\r\n");
    }

    [Fact]
    public async Task A_refused_write_is_not_executed_after_a_later_one_of_its_segment()
    {
        await using var client = Connect();
        var kept = Keep(2);
        await client.SendAsync("SET a old\r\nSET a new\r\nGET a\r\n");
        await kept;
        var segment = replica.Segment(new SegmentId(SegmentOfA));
        segment.State = SegmentState.Frozen;
        replica.Apply(replica.Kept[0]);
        segment.State = SegmentState.Owned;
        replica.Apply(replica.Kept[1]);

        await client.ExpectAsync($"-{Replies.TryAgain}\r\n+OK\r\n$3\r\nnew\r\n");
    }

    [Fact]
    public async Task A_write_whose_segment_went_away_while_it_was_under_way_is_moved()
    {
        var three = new FakeNodeView(nodes: 3, segmentCount: 64);
        var owner = three.Map.OwnerOf(new SegmentId(SegmentOfA));
        three.Self = three.Leaders[owner];
        var source = new FakeReplica(owner, 64, clock) { Leader = three.Self }.Own(SegmentOfA);
        three.Add(source);
        await using var client = new TestClient(three, clock: clock);
        var kept = new TaskCompletionSource();
        source.Keeps = true;
        source.OnKept = _ => kept.TrySetResult();
        await client.SendAsync("SET a 1\r\n");
        await kept.Task;
        var target = three.Map.Shards.First(s => s.Id != owner).Id;
        three.Map = three.Map.Apply(new SegmentMoved(new SegmentId(SegmentOfA), target, "test"));
        source.Segment(new SegmentId(SegmentOfA)).State = SegmentState.Retained;
        source.Apply(source.Kept[0]);

        var n = three.Leaders[target].Value;
        await client.ExpectAsync($"-MOVED 15495 10.0.0.{n}:{7000 + n}\r\n");
    }

    [Theory]
    [InlineData("GET a")]
    [InlineData("SET a 1")]
    [InlineData("DBSIZE")]
    public async Task While_a_segment_is_frozen_commands_are_held_and_then_told_to_try_again(string command)
    {
        await using var client = Connect();
        replica.Segment(new SegmentId(SegmentOfA)).State = SegmentState.Frozen;
        var held = NextHold();
        await client.SendAsync(command + "\r\n");
        await held;
        var expected = client.ExpectAsync($"-{Replies.TryAgain}\r\n");
        while (!expected.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(client.Options.HoldMs));
            await Task.Yield();
        }

        await expected;
    }

    [Fact]
    public async Task A_held_command_goes_on_with_the_next_change()
    {
        await using var client = Connect();
        var segment = replica.Segment(new SegmentId(SegmentOfA));
        segment.State = SegmentState.Frozen;
        var held = NextHold();
        await client.SendAsync("SET a 1\r\nGET a\r\n");
        await held;
        segment.State = SegmentState.Owned;
        view.Change();

        await client.ExpectAsync("+OK\r\n$1\r\n1\r\n");
    }

    [Fact]
    public async Task Without_a_valid_lease_a_read_is_confirmed_first()
    {
        await using var client = Connect();
        await client.CallAsync("SET a 1");
        replica.Lease = false;

        Assert.Equal("$1\r\n1\r\n", await client.CallAsync("GET a"));
        Assert.Equal(":1\r\n", await client.CallAsync("DBSIZE"));
        Assert.Equal(2, replica.Confirmations);
    }

    [Fact]
    public async Task A_read_that_meets_expired_keys_proposes_their_deletion_once_each()
    {
        await using var client = Connect();
        await client.CallAsync("SET a 1 PX 10");
        clock.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal("*2\r\n$-1\r\n$-1\r\n", await client.CallAsync("MGET a a"));
        Assert.Equal([(byte)'a'], Assert.Single(replica.ExpireProposals));
        Assert.Equal(0, replica.Segment(new SegmentId(SegmentOfA)).Table!.Count);
    }

    [Fact]
    public async Task Nil_is_not_answered_for_an_expired_key_whose_deletion_is_refused()
    {
        await using var client = Connect();
        await client.CallAsync("SET a 1 PX 10");
        clock.Advance(TimeSpan.FromMilliseconds(10));
        replica.Refuses = ProposalOutcome.Busy;

        Assert.Equal($"-{Replies.Busy}\r\n", await client.CallAsync("GET a"));
    }

    [Fact]
    public async Task A_leaders_time_is_never_before_its_groups()
    {
        await using var client = Connect();
        await client.CallAsync("SET a 1 PX 1000");
        replica.GroupTimeMs = clock.GetUtcNow().ToUnixTimeMilliseconds() + 1000;

        Assert.Equal("$-1\r\n", await client.CallAsync("GET a"));
    }

    [Fact]
    public async Task Broken_bytes_are_answered_after_the_commands_before_them_and_close_the_connection()
    {
        await using var client = Connect();
        await client.SendAsync("SET a 1\r\n*1\r\n!3\r\n");

        Assert.Equal("+OK\r\n-ERR Protocol error: expected '$', got '!'\r\n", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_key_over_the_limit_is_refused_and_the_connection_goes_on()
    {
        await using var client = Connect(new ClientProtocolOptions { MaxKeyBytes = 16 });

        Assert.Equal("-ERR key of 17 bytes is over the limit of 16 bytes (ClientProtocol:MaxKeyBytes)\r\n", await client.CallAsync("GET 12345678901234567"));
        Assert.Equal("+OK\r\n", await client.CallAsync("SET 1234567890123456 v"));
    }

    [Fact]
    public async Task A_value_cannot_grow_over_the_limit()
    {
        var options = new ClientProtocolOptions();
        options.Limits.MaxBulkBytes = 1024;
        await using var client = Connect(options);
        await client.CallAsync("SETRANGE a 1020 xyz");

        Assert.Equal(":1024\r\n", await client.CallAsync("APPEND a x"));
        Assert.Equal("-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n", await client.CallAsync("APPEND a x"));
        Assert.Equal("-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n", await client.CallAsync("SETRANGE a 1024 x"));
    }

    [Fact]
    public async Task A_client_that_does_not_read_stops_the_execution_of_its_commands()
    {
        await using var client = new TestClient(view, new ClientProtocolOptions { SoftOutputBytes = 1024 }, clock, load, clientWindow: 4096);
        await client.CallAsync("SETRANGE a 999 x");
        load.Counted.Clear();
        await client.SendAsync(string.Concat(Enumerable.Repeat("GET a\r\n", 1000)));
        var executedBeforeReading = load.Counted.Count;
        client.EndSending();
        var all = await client.ReadToEndAsync();

        Assert.InRange(executedBeforeReading, 1, 10);
        Assert.Equal(1000 * 1009, all.Length);
    }

    [Fact]
    public async Task A_reply_over_the_hard_limit_closes_the_connection_and_no_part_of_it_goes_out()
    {
        await using var client = Connect(new ClientProtocolOptions { SoftOutputBytes = 1024, HardOutputBytes = 4096 });
        await client.CallAsync("SETRANGE a 999 x");
        await client.SendAsync("MGET a a a a a a a a\r\n");

        Assert.Equal("", await client.ReadToEndAsync());
        await Assert.ThrowsAsync<ReplyTooLargeException>(() => client.Running);
    }

    [Fact]
    public async Task A_client_that_ends_its_side_still_gets_what_is_under_way()
    {
        await using var client = Connect();
        var kept = Keep(1);
        await client.SendAsync("SET a 1\r\n");
        await kept;
        client.EndSending();
        replica.Apply(replica.Kept[0]);

        Assert.Equal("+OK\r\n", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task With_a_password_nothing_is_served_before_auth()
    {
        await using var client = Connect(new ClientProtocolOptions { Password = "secret" });

        await client.SendAsync("GET a\r\n");
        await client.ExpectAsync("-NOAUTH Authentication required.\r\n");
        await client.SendAsync("AUTH wrong\r\nAUTH secret\r\nGET a\r\nRESET\r\nGET a\r\n");
        await client.ExpectAsync("-WRONGPASS invalid username-password pair or user is disabled.\r\n+OK\r\n$-1\r\n+RESET\r\n-NOAUTH Authentication required.\r\n");
    }

    [Fact]
    public async Task Replies_are_kept_back_as_the_client_asks()
    {
        await using var client = Connect();
        await client.SendAsync("CLIENT REPLY SKIP\r\nPING\r\nPING 1\r\nCLIENT REPLY OFF\r\nSET a 1\r\nGET a\r\nCLIENT REPLY ON\r\nGET a\r\nQUIT\r\n");

        Assert.Equal("$1\r\n1\r\n+OK\r\n$1\r\n1\r\n+OK\r\n", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Served_commands_are_counted_with_their_bytes()
    {
        await using var client = Connect();
        await client.SendAsync("SET a 1\r\n");
        await client.ExpectAsync("+OK\r\n");
        await client.SendAsync("GET a\r\n");
        await client.ExpectAsync("$1\r\n1\r\n");

        Assert.Equal([(new SegmentId(SegmentOfA), true, 9, 5), (new SegmentId(SegmentOfA), false, 7, 7)], load.Counted);
    }

    [Fact]
    public async Task Flushall_clears_what_is_owned_and_is_held_while_a_segment_is_frozen()
    {
        await using var client = Connect();
        await client.CallAsync("SET a 1");
        var segment = replica.Segment(new SegmentId(12));
        segment.State = SegmentState.Frozen;
        var held = NextHold();
        await client.SendAsync("FLUSHALL\r\nDBSIZE\r\n");
        await held;
        segment.State = SegmentState.Owned;
        view.Change();

        await client.ExpectAsync("+OK\r\n:0\r\n");
    }

    private TestClient Connect(ClientProtocolOptions? options = null) => new(view, options, clock, load);

    /// <summary>From now on proposals are kept; completes when there are that many.</summary>
    private Task Keep(int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        replica.Keeps = true;
        replica.OnKept = n =>
        {
            if (n >= count)
            {
                reached.TrySetResult();
            }
        };
        return reached.Task;
    }

    /// <summary>Completes when a command has taken the change that it will wait for.</summary>
    private Task NextHold()
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        view.OnNextChange = () => taken.TrySetResult();
        return taken.Task;
    }
}
