namespace ShardConsole.Simulation;

public sealed class SmokeTests
{
    [Fact]
    public void Runs() => Assert.True(true);
}
