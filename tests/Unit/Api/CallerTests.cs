using ShardConsole.ControlPlane.Api;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Api;

public sealed class CallerTests
{
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider time = TestClock.Real();

    [Fact]
    public void An_answer_is_remembered_for_a_day()
    {
        var store = new IdempotencyStore(new ApiOptions(), time);
        Assert.Equal(ClaimKind.First, store.Begin("a", "x").Kind);
        Assert.Equal(ClaimKind.UnderWay, store.Begin("a", "x").Kind);
        store.Complete("a", "answer");

        Assert.Equal(new Claim(ClaimKind.Answered, "answer"), store.Begin("a", "x"));
        Assert.Equal(ClaimKind.Different, store.Begin("a", "y").Kind);
        time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(ClaimKind.First, store.Begin("a", "x").Kind);
    }

    [Fact]
    public void A_request_that_failed_may_be_tried_again()
    {
        var store = new IdempotencyStore(new ApiOptions(), time);
        store.Begin("a", "x");
        store.GiveUp("a");

        Assert.Equal(ClaimKind.First, store.Begin("a", "x").Kind);
    }

    [Fact]
    public void Beyond_the_limit_the_oldest_answer_is_forgotten()
    {
        var store = new IdempotencyStore(new ApiOptions { MaxIdempotencyKeys = 2 }, time);
        foreach (var name in new[] { "a", "b", "c" })
        {
            store.Begin(name, "x");
            store.Complete(name, name);
        }

        Assert.Equal([ClaimKind.Answered, ClaimKind.Answered], new[] { "b", "c" }.Select(n => store.Begin(n, "x").Kind));
        Assert.Equal(ClaimKind.First, store.Begin("a", "x").Kind);
    }

    [Fact]
    public async Task A_caller_that_asks_too_often_is_told_when_to_come_back()
    {
        await using var server = new ApiServer { Options = new ApiOptions { RequestBurst = 1, RequestsPerSecond = 1 } };
        await server.InitializeAsync();
        Answer answer;
        do
        {
            answer = await server.SendAsync("GET", "/api/v1/halt");
        }
        while (answer.Status == 200);

        Assert.Equal((429, "rate"), (answer.Status, answer.Code));
        Assert.Equal("1", answer.Header("Retry-After"));
    }
}
