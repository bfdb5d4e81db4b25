using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting.Quality;

namespace ShardConsole.Components.Fakes;

/// <summary>A backtest that stands where a test says.</summary>
internal sealed class FakeBacktests : IBacktestDesk
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public event Action? Changed;

    public static BacktestView Done { get; } = new(
        false, 1, null, At, "ann", new BacktestResult(LoadMetric.Cpu, At.AddDays(-3), At, 72, 3, 4, [new BacktestLead(60, new QualityScores(200, 0.8, 0.3, 0.82), 2, 3)]));

    public BacktestView View { get; set; } = new(false, 0, null, null, null, null);

    public List<string> Asked { get; } = [];

    public Task<BacktestView> ViewAsync(CancellationToken cancellation) => Task.FromResult(View);

    public Outcome Start(LoadMetric metric, int days, int everyMinutes, Actor by)
    {
        Asked.Add($"{metric} {days} {everyMinutes}");
        View = View with { Running = true, Progress = 0.4 };
        Changed?.Invoke();
        return new Outcome(null, "");
    }

    public Outcome Cancel() => new(null, "");
}
