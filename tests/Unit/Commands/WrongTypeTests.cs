using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Resp;
using ShardConsole.Unit.Routing;

namespace ShardConsole.Unit.Commands;

/// <summary>Values of other kinds than strings, which later commands will make: the commands for strings refuse them, those for keys take them.</summary>
public sealed class WrongTypeTests
{
    private const string WrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

    private readonly FakeNodeView view = new(nodes: 1, segmentCount: 64);
    private readonly SegmentTable table;

    public WrongTypeTests()
    {
        var replica = new FakeReplica(view.Map.Shards[0].Id, 64, TestClient.NewClock()) { Leader = view.Self }.Own(Enumerable.Range(0, 64));
        view.Add(replica);
        table = replica.Segment(view.Map.SegmentOf(Slot.Of("h"u8))).Table!;
        table.Set("h"u8, ValueKind.Hash, "bytes of a hash"u8, 0);
    }

    [Theory]
    [InlineData("GET h")]
    [InlineData("STRLEN h")]
    [InlineData("GETRANGE h 0 1")]
    [InlineData("GETSET h v")]
    [InlineData("GETDEL h")]
    [InlineData("GETEX h EX 10")]
    [InlineData("SET h v GET")]
    [InlineData("APPEND h v")]
    [InlineData("SETRANGE h 0 v")]
    [InlineData("INCR h")]
    [InlineData("INCRBYFLOAT h 1")]
    public async Task A_string_command_refuses_another_kind_and_leaves_it_as_it_is(string command)
    {
        await using var client = new TestClient(view);

        Assert.Equal(WrongType, await client.CallAsync(command));
        Assert.True(table.TryGet("h"u8, out var value));
        Assert.Equal((ValueKind.Hash, "bytes of a hash", 0L), (value.Kind, System.Text.Encoding.ASCII.GetString(value.Bytes), value.ExpiresAtMs));
    }

    [Theory]
    [InlineData("TYPE h", "+hash\r\n")]
    [InlineData("MGET h", "*1\r\n$-1\r\n")]
    [InlineData("EXISTS h", ":1\r\n")]
    [InlineData("SETNX h v", ":0\r\n")]
    [InlineData("LCS h h", "-ERR The specified keys must contain string values\r\n")]
    [InlineData("SET h v", "+OK\r\n")]
    [InlineData("DEL h", ":1\r\n")]
    public async Task Commands_for_any_kind_take_it(string command, string reply)
    {
        await using var client = new TestClient(view);

        Assert.Equal(reply, await client.CallAsync(command));
    }

    [Fact]
    public async Task A_renamed_key_keeps_its_kind()
    {
        await using var client = new TestClient(view);
        await client.CallAsync("RENAME h {h}2");

        Assert.Equal("+hash\r\n", await client.CallAsync("TYPE {h}2"));
    }
}
