using ShardConsole.ControlPlane.Api;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Security;

public sealed class OptionsTests
{
    [Fact]
    public void The_defaults_can_be_used() => Assert.Empty(
        new SecurityOptions().Problems().Concat(new ApprovalOptions().Problems()).Concat(new RolloutOptions().Problems()).Concat(new ApiOptions().Problems()));

    [Fact]
    public void Everything_that_is_wrong_is_named_at_once() => Assert.Equal(
        [
            "Security:MaxFailures 0 is outside 1..100.", "Security:MinPasswordLength 4 is outside 8..128.",
            "Rollout:PollMs 1 is outside 50..10000.", "Rollout:MaxMissingTurns 0 is outside 1..10000.",
            "Api:PageRows 2000 is outside 1..1024.", "Api:PushMs 10 is outside 50..60000.",
        ],
        new SecurityOptions { MaxFailures = 0, MinPasswordLength = 4 }.Problems()
            .Concat(new RolloutOptions { PollMs = 1, MaxMissingTurns = 0 }.Problems())
            .Concat(new ApiOptions { PageRows = 2000, PushMs = 10 }.Problems()));
}
