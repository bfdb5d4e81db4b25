using System.Text;
using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.Unit.Commands;

public sealed class CommandTableTests
{
    private static readonly string[] Wanted =
    [
        "ping", "echo", "hello", "auth", "select", "reset", "quit", "client", "command", "info", "config", "get", "set", "setnx", "setex", "psetex", "getset", "getdel", "getex",
        "mget", "mset", "msetnx", "append", "strlen", "getrange", "setrange", "incr", "decr", "incrby", "decrby", "incrbyfloat", "lcs", "del", "unlink", "exists", "type", "touch",
        "rename", "renamenx", "copy", "keys", "scan", "randomkey", "dbsize", "flushall", "flushdb", "function", "object", "memory", "expire", "pexpire", "expireat", "pexpireat",
        "ttl", "pttl", "expiretime", "pexpiretime", "persist", "cluster", "readonly", "readwrite", "asking", "wait",
    ];

    [Fact]
    public void Every_command_is_found_in_any_case()
    {
        Assert.All(CommandTable.Default.All, c => Assert.Same(c, CommandTable.Default.Find(Encoding.ASCII.GetBytes(c.Name.ToUpperInvariant()))));
        Assert.All(Wanted, name => Assert.NotNull(CommandTable.Default.Find(Encoding.ASCII.GetBytes(name))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ge")]
    [InlineData("gets")]
    [InlineData("incrbyfloaz")]
    [InlineData("a-name-that-is-longer-than-any-command-is")]
    public void What_is_no_command_is_not_found(string name) => Assert.Null(CommandTable.Default.Find(Encoding.ASCII.GetBytes(name)));

    [Fact]
    public void A_row_is_a_read_or_a_write_or_the_nodes_and_says_so()
    {
        foreach (var spec in CommandTable.Default.All.SelectMany(c => c.Subcommands.Append(c)))
        {
            var kinds = new object?[] { spec.Read, spec.Write, spec.Node }.Count(k => k is not null);
            Assert.True(kinds == 1 || (kinds == 0 && spec.Subcommands.Count > 0), spec.Name);
            Assert.True(spec.Read is null || (spec.Has(CommandFlags.ReadOnly) && spec.FirstKey > 0), spec.Name);
            Assert.True(spec.Write is null || (spec.Has(CommandFlags.Write) && spec.FirstKey > 0), spec.Name);
            Assert.False(spec.Has(CommandFlags.Write | CommandFlags.ReadOnly), spec.Name);
            Assert.True(spec.Prepare is null || spec.Write is not null, spec.Name);
        }
    }

    [Fact]
    public void An_encoded_command_is_decoded_as_it_was()
    {
        var words = new[] { "SET", "", new string('k', 200), new string('v', 70_000) }.Select(Encoding.ASCII.GetBytes).ToList();
        var encoder = new CommandEncoder();
        words.ForEach(w => encoder.Add(w));
        var bytes = encoder.ToArray();
        var slices = new ArgSlice[CommandEncoder.CountOf(bytes)];
        var args = CommandEncoder.Decode(bytes, slices);

        Assert.Equal(words.Count, args.Count);
        for (var i = 0; i < words.Count; i++)
        {
            Assert.True(args[i].SequenceEqual(words[i]));
        }

        Assert.Equal(bytes, CommandEncoder.Encode(args));
    }

    [Fact]
    public void A_command_of_an_unknown_format_is_not_guessed_at() =>
        Assert.Throws<InvalidDataException>(() => CommandEncoder.CountOf([2, 1, 1, (byte)'x']));
}
