using System.Globalization;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>One node, started without any seed, is a whole cluster.</summary>
public sealed class OneNodeTests(OneNodeTests.Alone alone) : IClassFixture<OneNodeTests.Alone>
{
    private int Port => alone.Cluster.Nodes[0].ClientPort;

    [Fact]
    public async Task Redis_cli_sets_gets_counts_and_expires()
    {
        Assert.Equal("OK", await RedisCli.RunAsync(Port, "SET", "cli:a", "hello"));
        Assert.Equal("hello", await RedisCli.RunAsync(Port, "GET", "cli:a"));
        Assert.Equal("5", await RedisCli.RunAsync(Port, "INCRBY", "cli:n", "5"));
        Assert.Equal("6", await RedisCli.RunAsync(Port, "INCR", "cli:n"));
        Assert.Equal("1", await RedisCli.RunAsync(Port, "EXPIRE", "cli:a", "1000"));
        Assert.InRange(int.Parse(await RedisCli.RunAsync(Port, "TTL", "cli:a"), CultureInfo.InvariantCulture), 800, 1000);
        Assert.Equal("1", await RedisCli.RunAsync(Port, "PEXPIRE", "cli:a", "1"));
        await Eventually.TrueAsync("the key has expired", async () => await RedisCli.RunAsync(Port, "EXISTS", "cli:a") == "0");
        Assert.Equal("", await RedisCli.RunAsync(Port, "GET", "cli:a"));
    }

    [Fact]
    public async Task Redis_cli_scan_sees_every_key_of_all_shards()
    {
        using var client = await RespConnection.OpenAsync(Port);
        var expected = Enumerable.Range(0, 300).Select(i => $"scan:{i}").ToHashSet();
        foreach (var key in expected)
        {
            Assert.Equal("+OK", (await client.ExecuteAsync("SET", key, "v")).ToString());
        }

        var seen = (await RedisCli.RunAsync(Port, "--scan", "--pattern", "scan:*")).Split('\n').ToHashSet();
        Assert.Equal(expected.Order(), seen.Order());
    }

    [Fact]
    public async Task The_cluster_answers_agree_with_one_another()
    {
        var slots = await SlotsAsync();
        var shards = await ShardsAsync();
        var nodes = await NodesAsync();
        Assert.Equal([.. Enumerable.Range(0, 16384)], slots);
        Assert.Equal(slots, shards);
        Assert.Equal(slots, nodes);
        var info = await RedisCli.RunAsync(Port, "CLUSTER", "INFO");
        Assert.Contains("cluster_state:ok", info, StringComparison.Ordinal);
        Assert.Contains("cluster_slots_assigned:16384", info, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_commands_are_answered_as_redis_does_and_the_connection_stays()
    {
        using var client = await RespConnection.OpenAsync(Port);
        Assert.StartsWith("-ERR unknown command 'NOSUCH'", (await client.ExecuteAsync("NOSUCH", "a")).ToString(), StringComparison.Ordinal);
        Assert.Equal("-ERR wrong number of arguments for 'get' command", (await client.ExecuteAsync("GET")).ToString());
        Assert.Equal("-CROSSSLOT Keys in request don't hash to the same slot", (await client.ExecuteAsync("MSET", "a", "1", "b", "2")).ToString());
        Assert.Equal("+PONG", (await client.ExecuteAsync("PING")).ToString());
    }

    [Theory]
    [InlineData("*1\r\n!4\r\nPING\r\n", "-ERR Protocol error: expected '$', got '!'")]
    [InlineData("*99999999999\r\n", "-ERR Protocol error: invalid multibulk length")]
    [InlineData("*1\r\n$99999999999\r\n", "-ERR Protocol error: invalid bulk length")]
    public async Task Broken_resp_gets_a_protocol_error_and_a_closed_connection(string sent, string answer)
    {
        using var client = await RespConnection.OpenAsync(Port);
        await client.SendAsync(sent);
        Assert.Equal(answer, (await client.ReceiveAsync()).ToString());
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task A_key_over_the_limit_is_refused()
    {
        using var client = await RespConnection.OpenAsync(Port);
        await client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"*3\r\n$3\r\nSET\r\n${(16 << 20) + 1}\r\n"));
        Assert.Equal("-ERR Protocol error: invalid bulk length", (await client.ReceiveAsync()).ToString());
        Assert.True(await client.IsClosedAsync());
    }

    private async Task<int[]> SlotsAsync()
    {
        using var client = await RespConnection.OpenAsync(Port);
        var reply = await client.ExecuteAsync("CLUSTER", "SLOTS");
        Assert.All(reply.Items, range => Assert.Equal(Port, int.Parse(range.Items[2].Items[1].Text!, CultureInfo.InvariantCulture)));
        return [.. reply.Items.SelectMany(range => Run(range.Items[0].Text!, range.Items[1].Text!)).Order()];
    }

    private async Task<int[]> ShardsAsync()
    {
        using var client = await RespConnection.OpenAsync(Port);
        var reply = await client.ExecuteAsync("CLUSTER", "SHARDS");
        return [.. reply.Items.SelectMany(shard => shard.Items[1].Items.Chunk(2)).SelectMany(pair => Run(pair[0].Text!, pair[1].Text!)).Order()];
    }

    private async Task<int[]> NodesAsync()
    {
        using var client = await RespConnection.OpenAsync(Port);
        var lines = (await client.ExecuteAsync("CLUSTER", "NODES")).Text!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.SelectMany(l => l.TrimEnd().Split(' ').Skip(8)).Select(r => r.Split('-')).SelectMany(r => Run(r[0], r[^1])).Order()];
    }

    private static IEnumerable<int> Run(string first, string last)
    {
        var from = int.Parse(first, CultureInfo.InvariantCulture);
        return Enumerable.Range(from, int.Parse(last, CultureInfo.InvariantCulture) - from + 1);
    }

    /// <summary>The node of all tests here.</summary>
    public sealed class Alone : IAsyncLifetime
    {
        internal TestCluster Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Cluster = await TestCluster.StartAsync(1);

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}
