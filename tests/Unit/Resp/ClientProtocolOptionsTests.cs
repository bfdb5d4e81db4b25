using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.Unit.Resp;

public sealed class ClientProtocolOptionsTests
{
    [Fact]
    public void The_defaults_are_right() => Assert.Equal([], new ClientProtocolOptions().Problems());

    [Fact]
    public void All_problems_are_listed_at_once()
    {
        var options = new ClientProtocolOptions { MaxKeyBytes = 1, HoldMs = -1 };
        options.Limits.MaxArguments = 2;

        Assert.Equal(
            [
                "ClientProtocol:Limits:MaxArguments 2 is outside 16..1048576.",
                "ClientProtocol:Limits:MaxUnauthenticatedArguments 10 is outside 4..MaxArguments.",
                "ClientProtocol:MaxKeyBytes 1 is outside 16..1048576.",
                "ClientProtocol:HoldMs -1 is outside 0..10000.",
            ],
            options.Problems());
    }
}
