using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Backtests of the cluster's own history. They change nothing.</summary>
internal static class BacktestEndpoints
{
    private const int DefaultDays = 3;
    private const int DefaultEvery = 60;

    /// <summary>Maps GET, POST and DELETE forecasts/backtest.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var backtest = api.MapGroup("/forecasts/backtest").WithTags("forecasts");
        backtest.MapGet("", async (IBacktestDesk desk, CancellationToken cancellation) => Results.Ok(await desk.ViewAsync(cancellation))).WithName("GetBacktest")
            .WithSummary("The newest backtest, and how far the one is that runs")
            .WithDescription("leads: 5 min, 1 h, 8 h and 24 h ahead; mase is the error over that of repeating yesterday.").Produces<BacktestView>();
        backtest.MapPost("", Start).RequireAuthorization(Roles.Operator).WithName("StartBacktest").WithSummary("Forecasts the cluster's own past with rolling origins")
            .WithDescription("metric: cpu (where left out), reads, writes, bytesIn, bytesOut. days: 1..14 over which origins roll, 3 where left out. every: minutes between two origins, 60 where left out.")
            .Produces<Outcome>(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(409);
        backtest.MapDelete("", Cancel).RequireAuthorization(Roles.Operator).WithName("CancelBacktest").WithSummary("Cancels the backtest that runs").Produces<Outcome>().ProducesProblem(409);
    }

    private static IResult Start(string? metric, int? days, int? every, HttpContext http, IBacktestDesk desk)
    {
        var check = new RequestCheck();
        var what = check.Word("metric", metric, LoadMetric.Cpu);
        if (what is LoadMetric.Keys or LoadMetric.DataBytes or LoadMetric.FollowerCpu)
        {
            check.Add("metric", $"\"{metric}\" is not forecast by itself; use cpu, reads, writes, bytesIn or bytesOut.");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var outcome = desk.Start(what, days ?? DefaultDays, every ?? DefaultEvery, Caller.ActorOf(http));
        return outcome.Done ? Results.Accepted("/api/v1/forecasts/backtest", outcome) : Refusals.Of(outcome);
    }

    private static IResult Cancel(IBacktestDesk desk)
    {
        var outcome = desk.Cancel();
        return outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);
    }
}
