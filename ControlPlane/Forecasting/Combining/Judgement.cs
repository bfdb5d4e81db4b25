using ShardConsole.ControlPlane.Forecasting.Models;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Combining;

/// <summary>Remembers what the experts and their combination forecast for each horizon of the grid, and compares it with what came.</summary>
internal sealed class Judgement(StreamOptions options, IExpert[] experts, ExpertWeights weigher)
{
    /// <summary>The largest that the form of an error that is kept can hold: beyond it infinity would spoil every mean.</summary>
    private static readonly double LargestError = (double)Half.MaxValue;

    private readonly double[] forecasts = new double[experts.Length];
    private readonly double[] weights = new double[experts.Length];
    private double[] projected = [];

    // Per horizon of the grid of this cadence: what is left of an error when the next one comes, in a young series and in a grown one.
    private Cadence? prepared;
    private double[] young = [];
    private double[] grown = [];

    /// <summary>Makes the forecasts of the moment after index <paramref name="i"/> and remembers what cannot be asked again.</summary>
    public void Issue(Workspace work, SeriesState state, int i)
    {
        var cadence = state.Cadence;
        var grid = cadence.Grid.Length;
        if (projected.Length < grid * experts.Length)
        {
            projected = new double[grid * experts.Length];
        }

        var number = state.First + i;
        var due = number % cadence.IssueAll == 0 ? grid : cadence.EveryStep;
        for (var e = 0; e < experts.Length; e++)
        {
            experts[e].Project(work, state, state.MemoryOf(e), i, cadence.Grid.AsSpan(0, due), projected.AsSpan(e * grid, due));
        }

        var at = 0;
        for (var g = 0; g < due; at += cadence.IssueKept[g] * Experts.Issued, g++)
        {
            var issued = state.Issued.AsSpan(at + ((int)(number / cadence.IssueEvery[g] % cadence.IssueKept[g]) * Experts.Issued), Experts.Issued);
            for (var e = 0; e < experts.Length; e++)
            {
                forecasts[e] = projected[(e * grid) + g];
                if (Experts.IssuedAt[e] >= 0)
                {
                    issued[Experts.IssuedAt[e]] = (float)forecasts[e];
                }
            }

            weigher.Fill(state, g, weights);
            issued[^1] = (float)ExpertWeights.Combine(weights, forecasts);
        }
    }

    /// <summary>The value at index <paramref name="i"/> has come: adds the errors of what was forecast for it.</summary>
    public void Judge(Workspace work, SeriesState state, int i)
    {
        var cadence = state.Cadence;
        if (!ReferenceEquals(prepared, cadence))
        {
            Prepare(cadence);
        }

        var number = state.First + i;
        int issuedAt = 0, residualAt = 0;
        for (var g = 0; g < cadence.Grid.Length; issuedAt += cadence.IssueKept[g] * Experts.Issued, residualAt += cadence.ResidualKept[g], g++)
        {
            var (h, every) = (cadence.Grid[g], cadence.IssueEvery[g]);
            if ((number - h) % every != 0 || number - h < state.LearnFrom || h > i)
            {
                continue;
            }

            var issued = state.Issued.AsSpan(issuedAt + ((int)((number - h) / every % cadence.IssueKept[g]) * Experts.Issued), Experts.Issued);
            if (float.IsNaN(issued[^1]))
            {
                continue;
            }

            Recall(work, state, i - h, cadence.Grid.AsSpan(g, 1), issued);
            Add(state, g, every, i, work.Values[i], issued[^1]);
            if (number % cadence.ResidualEvery[g] < every)
            {
                var slot = number / cadence.ResidualEvery[g] % cadence.ResidualKept[g];
                var error = (work.Values[i] - issued[^1]) / Math.Sqrt(issued[^1] + state.Offset);
                state.Residuals[residualAt + (int)slot] = (Half)Math.Clamp(error, -LargestError, LargestError);
            }
        }
    }

    private void Prepare(Cadence cadence)
    {
        prepared = cadence;
        var d = (double)cadence.Day;
        young = [.. cadence.IssueEvery.Select(every => Math.Pow(0.5, every / (options.YoungWeightDays * d)))];
        grown = [.. cadence.IssueEvery.Select((every, g) => Math.Pow(0.5, every / ((options.WeightDays + (options.WeightDaysPerDay * cadence.Grid[g] / d)) * d)))];
    }

    private void Recall(Workspace work, SeriesState state, int t, ReadOnlySpan<int> horizon, ReadOnlySpan<float> issued)
    {
        for (var e = 0; e < experts.Length; e++)
        {
            if (Experts.IssuedAt[e] >= 0)
            {
                forecasts[e] = issued[Experts.IssuedAt[e]];
            }
            else
            {
                experts[e].Project(work, state, default, t, horizon, forecasts.AsSpan(e, 1));
            }
        }
    }

    private void Add(SeriesState state, int g, int every, int i, double actual, double combined)
    {
        var decay = (double)i / state.Cadence.Day <= 2 ? young[g] : grown[g];
        for (var e = 0; e < Experts.Judged; e++)
        {
            var at = (g * Experts.Judged) + e;
            var forecast = e < experts.Length ? forecasts[e] : combined;
            state.ErrorSum[at] *= decay;
            state.ErrorCount[at] *= decay;
            if (!double.IsNaN(forecast))
            {
                state.ErrorSum[at] += every * Math.Abs(actual - forecast);
                state.ErrorCount[at] += every;
            }
        }
    }
}
