using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Cluster;

public sealed class SlotTests
{
    [Theory]
    [InlineData("123456789", 0x31C3)]
    [InlineData("", 0)]
    public void Crc16_is_xmodem(string text, int expected) => Assert.Equal(expected, Slot.Crc16(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("foo", 12182)]
    [InlineData("bar", 5061)]
    [InlineData("{user1000}.following", 3443)]
    [InlineData("{user1000}.followers", 3443)]
    [InlineData("user1000", 3443)]
    public void A_key_has_the_slot_that_redis_gives_it(string key, int slot) => Assert.Equal(slot, Slot.Of(Encoding.ASCII.GetBytes(key)));

    [Theory]
    [InlineData("foo{}{bar}", "foo{}{bar}")]
    [InlineData("foo{{bar}}zap", "{bar")]
    [InlineData("foo{bar}{zap}", "bar")]
    [InlineData("foo{bar", "foo{bar")]
    public void The_hash_tag_is_between_the_first_brace_and_the_next_closing_one(string key, string tag) =>
        Assert.Equal(tag, Encoding.ASCII.GetString(Slot.HashTag(Encoding.ASCII.GetBytes(key))));
}
