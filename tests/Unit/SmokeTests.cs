namespace ShardConsole.Unit;

public sealed class SmokeTests
{
    [Fact]
    public void Runs() => Assert.True(true);
}
