using System.Text;
using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Resp;
using ShardConsole.Unit.Routing;

namespace ShardConsole.Unit.Commands;

/// <summary>Commands over the key space: they see the Owned segments that the node leads, and nothing else.</summary>
public sealed class ScanTests
{
    private readonly FakeNodeView view = new(nodes: 1, segmentCount: 64, shardsPerNode: 2);
    private readonly FakeReplica first;
    private readonly FakeReplica second;

    public ScanTests()
    {
        var clock = TestClient.NewClock();
        (first, second) = (Replica(0), Replica(1));

        FakeReplica Replica(int i)
        {
            var shard = view.Map.Shards[i].Id;
            var replica = new FakeReplica(shard, 64, clock) { Leader = view.Self }.Own(Enumerable.Range(0, 64).Where(s => view.Map.Owners[s] == shard));
            view.Add(replica);
            return replica;
        }
    }

    [Theory]
    [InlineData("COUNT 1")]
    [InlineData("COUNT 7")]
    [InlineData("COUNT 1000")]
    [InlineData("MATCH k* COUNT 3")]
    [InlineData("TYPE string")]
    public async Task A_scan_meets_every_key_once(string options)
    {
        await using var client = await FilledAsync(100);
        var met = new List<string>();
        var cursor = "0";
        var calls = 0;
        do
        {
            var lines = (await client.CallAsync($"SCAN {cursor} {options}")).Split("\r\n");
            cursor = lines[2];
            met.AddRange(lines.Skip(4).Where((l, i) => i % 2 == 1 && l.Length > 0));
            calls++;
        }
        while (cursor != "0");

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"k{i}").Order(), met.Order());
        Assert.Equal(options == "COUNT 1000", calls == 1);
    }

    [Fact]
    public async Task Copies_that_are_not_owned_or_not_led_are_not_seen()
    {
        await using var client = await FilledAsync(100);
        Assert.Equal(":100\r\n", await client.CallAsync("DBSIZE"));
        second.ServingTerm = 0;
        var expected = Enumerable.Range(0, 64).Where(s => view.Map.Owners[s] == first.Shard).Sum(s => first.Segment(new SegmentId((ushort)s)).Table!.Count);
        Assert.Equal($":{expected}\r\n", await client.CallAsync("DBSIZE"));

        var one = Enumerable.Range(0, 64).Select(s => first.Segment(new SegmentId((ushort)s))).First(s => s.Table?.Count > 0);
        one.State = SegmentState.Retained;
        Assert.Equal($":{expected - one.Table!.Count}\r\n", await client.CallAsync("DBSIZE"));
    }

    [Fact]
    public async Task Keys_and_random_key_see_what_is_there()
    {
        await using var client = await FilledAsync(3);
        Assert.Equal("*1\r\n$2\r\nk1\r\n", await client.CallAsync("KEYS *1"));
        Assert.Contains(await client.CallAsync("RANDOMKEY"), new[] { "$2\r\nk0\r\n", "$2\r\nk1\r\n", "$2\r\nk2\r\n" });
    }

    [Fact]
    public async Task The_keys_of_a_slot_are_counted_and_named()
    {
        await using var client = await FilledAsync(3);
        var slot = Slot.Of("k1"u8);

        Assert.Equal(":1\r\n", await client.CallAsync($"CLUSTER COUNTKEYSINSLOT {slot}"));
        Assert.Equal("*1\r\n$2\r\nk1\r\n", await client.CallAsync($"CLUSTER GETKEYSINSLOT {slot} 10"));
        Assert.Equal($"*1\r\n*2\r\n:{slot}\r\n*2\r\n$9\r\nkey-count\r\n:1\r\n", await client.CallAsync($"CLUSTER SLOT-STATS SLOTSRANGE {slot} {slot}"));
        Assert.Equal("*1\r\n*2\r\n:0\r\n*2\r\n$9\r\nkey-count\r\n:0\r\n", await client.CallAsync("CLUSTER SLOT-STATS ORDERBY key-count LIMIT 1 ASC"));
    }

    [Theory]
    [InlineData(0, 0UL, 0L)]
    [InlineData(1, 0UL, 1L << 39)]
    [InlineData(16383, ulong.MaxValue, (1L << 53) - 1)]
    public void A_cursor_is_a_number_below_two_to_the_53rd(int segment, ulong bound, long number)
    {
        var cursor = new ScanCursor(new SegmentId((ushort)segment), bound);

        Assert.Equal(number, cursor.ToNumber());
        Assert.True(ScanCursor.TryParse(Encoding.ASCII.GetBytes($"{number}"), Slot.Count, out var read));
        Assert.Equal(new ScanCursor(cursor.Segment, bound >> 25 << 25), read);
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(1UL, 1UL << 25)]
    [InlineData(1UL << 25, 1UL << 25)]
    [InlineData(ulong.MaxValue, 0UL)]
    public void A_bound_is_rounded_up_to_one_that_a_cursor_can_tell(ulong bound, ulong expected) => Assert.Equal(expected, ScanCursor.RoundUp(bound));

    [Theory]
    [InlineData("-1")]
    [InlineData("abc")]
    [InlineData("9007199254740991")]
    public void A_cursor_that_names_no_segment_is_refused(string text) =>
        Assert.False(ScanCursor.TryParse(Encoding.ASCII.GetBytes(text), 64, out _));

    private async Task<TestClient> FilledAsync(int keys)
    {
        var client = new TestClient(view);
        for (var i = 0; i < keys; i++)
        {
            await client.CallAsync($"SET k{i} v");
        }

        return client;
    }
}
