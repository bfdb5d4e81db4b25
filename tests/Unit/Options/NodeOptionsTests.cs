using Microsoft.Extensions.Configuration;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.NodeAgent.Options;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Options;

public sealed class NodeOptionsTests
{
    [Fact]
    public void Without_any_option_one_node_founds_a_whole_cluster()
    {
        var start = Read([]);

        Assert.Equal([], start.Problems);
        Assert.Null(start.Answer);
        Assert.Equal(1, start.Options.FoundWhenEnrolled);
        Assert.Equal(
            (7001, 7101, 7201, 7301, "data/node", 1024),
            (start.Options.ClientPort, start.Options.PeerPort, start.Options.GossipPort, start.Options.AdminPort, start.Options.Data, start.Options.Segments));
    }

    [Fact]
    public void The_flags_of_a_local_cluster_are_understood()
    {
        var start = Read(
            "--name", "n2", "--bind", "127.0.0.1", "--client-port", "1", "--peer-port", "2", "--gossip-port", "3", "--admin-port", "4", "--data", "d", "--pid-file", "p",
            "--cluster-key-file", "k", "--cpu-millicores", "500", "--shards-per-node", "5", "--control-plane", "http://127.0.0.1:5080", "--replication-factor", "2",
            "--seed", "127.0.0.1:9", "--seed", "h:10");

        Assert.Equal([], start.Problems);
        var o = start.Options;
        Assert.Equal(new Member(new NodeId(6), "n2", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4)), o.ToMember(new NodeId(6)));
        Assert.Equal(("d", "p", "k", 5, "http://127.0.0.1:5080", 2, 0), (o.Data, o.PidFile, o.ClusterKeyFile, o.ShardsPerNode, o.ControlPlane, o.ReplicationFactor, o.FoundWhenEnrolled));
        Assert.Equal([new GossipAddress("127.0.0.1", 9), new GossipAddress("h", 10)], o.SeedAddresses());
        Assert.Equal(3, Read("--found", "3", "--cluster-key-file", "k", "--seed", "h:1").Options.FoundWhenEnrolled);
    }

    [Fact]
    public void A_flag_wins_over_the_environment_and_that_over_the_settings()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Name"] = "settings", ["Zone"] = "settings", ["Bind"] = "127.0.0.3", ["Seeds:0"] = "a:1", ["Seeds:1"] = "b:2", ["ClusterKeyFile"] = "k",
        }).Build();
        var environment = new Dictionary<string, string> { ["SHARDCONSOLE_NAME"] = "environment", ["SHARDCONSOLE_ZONE"] = "environment" };

        var start = NodeOptionsReader.Read(["--name", "flag"], environment.GetValueOrDefault, settings);
        Assert.Equal([], start.Problems);
        Assert.Equal(("flag", "environment", "127.0.0.3"), (start.Options.Name, start.Options.Zone, start.Options.Bind));
        Assert.Equal(["a:1", "b:2"], start.Options.Seeds);

        environment["SHARDCONSOLE_SEED"] = "c:3, d:4";
        Assert.Equal(["c:3", "d:4"], NodeOptionsReader.Read([], environment.GetValueOrDefault, settings).Options.Seeds);
    }

    [Fact]
    public void All_problems_are_named_at_once()
    {
        var start = Read(
            "--name", "a b", "--bind", "x", "--client-port", "0", "--peer-port", "70000", "--gossip-port", "5", "--admin-port", "5", "--segments", "100",
            "--seed", "nowhere", "--control-plane", "ftp://x", "--shards-per-node", "65", "--tick-ms", "many", "--found", "2000", "--replication-factor", "0");

        Assert.Equal(
            [
                "--tick-ms many is not a whole number.",
                "--name \"a b\" is not 1..64 letters, digits, '-', '_' or '.'.",
                "--bind x is not an IP address.",
                "--client-port 0 is outside 1..65535.",
                "--peer-port 70000 is outside 1..65535.",
                "--gossip-port and --admin-port are both 5; each port needs a number of its own.",
                "--seed nowhere is not host:port with a port from 1 to 65535.",
                "--control-plane ftp://x is not an address like http://127.0.0.1:5080.",
                "--found 2000 is outside 0..1024.",
                "--cluster-key-file is missing; nodes that are to meet need the same key.",
                "--replication-factor 0 is outside 1..2000, the number of nodes that found the cluster.",
                "--segments 100 is not a power of two from 64 to 16384.",
                "--shards-per-node 65 is outside 1..64.",
            ],
            start.Problems);
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("stray")]
    [InlineData("--name")]
    public void What_is_no_option_is_a_problem(string argument) => Assert.NotEmpty(Read(argument).Problems);

    [Fact]
    public void An_option_given_twice_is_a_problem() =>
        Assert.Equal(["--name is given 2 times; it takes one value."], Read("--name", "a", "--name", "b").Problems);

    [Fact]
    public void An_address_for_all_needs_an_announced_one()
    {
        Assert.Equal(["--bind 0.0.0.0 is no address that others can reach; name one with --announce."], Read("--bind", "0.0.0.0").Problems);
        Assert.Equal([], Read("--bind", "0.0.0.0", "--announce", "node.example").Problems);
    }

    [Fact]
    public void Help_is_an_answer_and_no_start() => Assert.NotNull(Read("--help").Answer);

    [Fact]
    public void A_key_equals_only_itself()
    {
        var key = new ClusterKey("0123456789abcdef");

        Assert.True(key.Equals("0123456789abcdef"));
        Assert.False(key.Equals("0123456789abcdeg"));
        Assert.False(key.Equals(""));
        Assert.False(key.Equals((string?)null));
    }

    private static NodeStart Read(params string[] arguments) => NodeOptionsReader.Read(arguments, _ => null, null);
}
