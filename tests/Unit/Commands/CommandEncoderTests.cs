using System.Text;
using ShardConsole.NodeAgent.Commands;

namespace ShardConsole.Unit.Commands;

public sealed class CommandEncoderTests
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 100)]
    [InlineData(100, 127)]
    public void The_second_argument_is_found_in_what_was_encoded(int count, int length)
    {
        var encoder = new CommandEncoder();
        encoder.Add("SET"u8).Add(Encoding.ASCII.GetBytes(new string('k', length)));
        for (var i = 2; i < count; i++)
        {
            encoder.Add(new byte[200]);
        }

        Assert.Equal(new string('k', length), Encoding.ASCII.GetString(CommandEncoder.SecondArgument(encoder.ToArray())));
    }

    [Fact]
    public void Where_there_is_none_or_it_is_long_or_the_bytes_are_anything_nothing_is_found()
    {
        Assert.True(CommandEncoder.SecondArgument(new CommandEncoder().Add("FLUSHALL"u8).ToArray()).IsEmpty);
        Assert.True(CommandEncoder.SecondArgument(new CommandEncoder().Add("SET"u8).Add(new byte[128]).ToArray()).IsEmpty);
        var whole = new CommandEncoder().Add("SET"u8).Add("key"u8).ToArray();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.True(CommandEncoder.SecondArgument(whole.AsSpan(0, length)).Length < 3);
        }

        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[random.Next(12)];
            random.NextBytes(bytes);
            bytes.AsSpan(0, Math.Min(1, bytes.Length)).Fill(CommandEncoder.Version);
            Assert.True(CommandEncoder.SecondArgument(bytes).Length <= bytes.Length);
        }
    }
}
