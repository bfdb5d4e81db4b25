using Microsoft.Extensions.Logging;
using ShardConsole.ControlPlane.LocalCluster;

namespace ShardConsole.Unit.LocalCluster;

public sealed class NodeLineTests
{
    [Theory]
    [InlineData("warn: ShardConsole.NodeAgent.Load.ReportClient[71] Does not take reports", LogLevel.Warning, "Does not take reports")]
    [InlineData("info: short", LogLevel.Information, "short")]
    [InlineData("Unhandled exception. System.Exception", LogLevel.Information, "Unhandled exception. System.Exception")]
    [InlineData("note: nothing known", LogLevel.Information, "note: nothing known")]
    public void A_line_keeps_its_level_and_loses_its_category(string line, LogLevel level, string text) =>
        Assert.Equal(new NodeLine(level, text), NodeLine.Of(line));
}
