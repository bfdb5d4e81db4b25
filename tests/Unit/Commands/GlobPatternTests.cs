using System.Text;
using ShardConsole.NodeAgent.Commands;

namespace ShardConsole.Unit.Commands;

public sealed class GlobPatternTests
{
    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("h?llo", "hello", true)]
    [InlineData("h?llo", "hllo", false)]
    [InlineData("h*llo", "heeeello", true)]
    [InlineData("h[ae]llo", "hallo", true)]
    [InlineData("h[ae]llo", "hillo", false)]
    [InlineData("h[^e]llo", "hello", false)]
    [InlineData("h[^e]llo", "hallo", true)]
    [InlineData("h[a-c]llo", "hbllo", true)]
    [InlineData("h[c-a]llo", "hbllo", true)]
    [InlineData("h[a-c]llo", "hdllo", false)]
    [InlineData("h\\*llo", "h*llo", true)]
    [InlineData("h\\*llo", "hello", false)]
    [InlineData("[\\]]", "]", true)]
    [InlineData("[abc", "c", true)]
    [InlineData("*a*b*c", "xxaxxbxxc", true)]
    [InlineData("*a*b*c", "xxaxxbxx", false)]
    [InlineData("a*", "b", false)]
    [InlineData("\\", "\\", true)]
    public void Patterns_match_as_in_redis(string pattern, string text, bool matches) =>
        Assert.Equal(matches, GlobPattern.Matches(Encoding.ASCII.GetBytes(pattern), Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Case_is_ignored_only_where_asked()
    {
        Assert.True(GlobPattern.Matches("MAX*"u8, "maxmemory"u8, ignoreCase: true));
        Assert.False(GlobPattern.Matches("MAX*"u8, "maxmemory"u8));
    }

    [Fact]
    public void Many_stars_cost_no_more_than_pattern_times_text() =>
        Assert.False(GlobPattern.Matches(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a*", 200)) + "b"), Encoding.ASCII.GetBytes(new string('a', 5000))));
}
