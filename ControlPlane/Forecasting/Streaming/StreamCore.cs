namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>
/// Forecasts one series after the other in constant time per step: recursive ridge regressions on logarithms and on values at a grid of horizons, simple
/// experts beside them, combined by what each really predicted (aggregation by a high power of the decayed error), with quantiles from the
/// combination's own errors. Deterministic: the same values in the same order give the same bits. One instance per thread.
/// </summary>
internal sealed class StreamCore(StreamOptions options)
{
    /// <summary>Standard deviation, as a share of the mean, that a series has at least while nothing is known of its errors.</summary>
    private const double LeastSpread = 0.1;

    private readonly Workspace work = new();
    private readonly double[] origin = new double[Features.Count];
    private readonly double[] forecasts = new double[Experts.Count];
    private readonly double[] weights = new double[Experts.Count];
    private readonly double[] prior = new double[Features.Count];
    private ForecastPath? reused;

    /// <summary>A path of this core to be filled and read; the next call with the same horizon returns the same one.</summary>
    public ForecastPath PathOf(int horizon) => reused is { } path && path.Horizon == horizon ? path : reused = new ForecastPath(horizon);

    /// <summary>The next value in time. NaN is a gap; what cannot be a load is refused, counted and becomes a gap.</summary>
    public void Append(SeriesState state, float value)
    {
        Push(state, value);
        if (state.Largest <= 0)
        {
            return;
        }

        var count = state.First + state.Length;
        var next = state.FittedAt + Math.Clamp(state.FittedAt / 4, 4, options.RefitDays * state.Cadence.Day);
        if (count >= next)
        {
            Fit(state);
            return;
        }

        if (state.FittedAt > 0)
        {
            work.Load(state);
            Step(state, state.Length - 1);
        }
    }

    /// <summary>Adds a value without learning from it: <see cref="Fit"/> does that for many at once.</summary>
    public static void Push(SeriesState state, float value)
    {
        if (float.IsInfinity(value) || value < 0)
        {
            state.Refused++;
            value = float.NaN;
        }

        if (float.IsNaN(value))
        {
            if (state.Length == 0)
            {
                return;
            }

            state.Gaps++;
            value = -Filling(state);
        }
        else
        {
            value = Math.Abs(value);
            state.Largest = Math.Max(state.Largest, value);
        }

        var (d, kept) = (state.Cadence.Day, state.Cadence.Kept);
        if (state.Length == state.Values.Length)
        {
            if (state.Length < kept)
            {
                var larger = new float[Math.Min(kept, 2 * state.Length)];
                state.Values.AsSpan().CopyTo(larger);
                state.Values = larger;
            }
            else
            {
                state.Values.AsSpan(d).CopyTo(state.Values);
                state.Length -= d;
                state.First += d;
            }
        }

        state.Values[state.Length++] = value;
    }

    /// <summary>Learns everything anew from the values that are kept, as if they had just come one by one.</summary>
    public void Fit(SeriesState state)
    {
        state.Reset();
        work.Unpack(state);
        Standardise(state);
        work.Transform(state);
        var n = state.Length;
        var d = state.Cadence.Day;
        var from = n > 3 * d ? d : Math.Max(4, n / 8);
        state.LearnFrom = state.First + from;
        state.FittedAt = state.First + n;
        for (var i = 0; i < n; i++)
        {
            Step(state, i);
        }
    }

    /// <summary>The forecast of the steps 1..horizon after the newest value.</summary>
    /// <param name="state">Fitted, with at least one value.</param>
    /// <param name="path">Where it goes; its length decides the horizon.</param>
    public void Forecast(SeriesState state, ForecastPath path)
    {
        work.Load(state);
        var cadence = state.Cadence;
        var grid = cadence.Grid.Length;
        Span<double> quantiles = stackalloc double[grid * ForecastPath.Levels.Length];
        Span<double> spreads = stackalloc double[grid];
        Span<double> shifts = stackalloc double[grid];
        Span<double> gridWeights = stackalloc double[grid * Experts.Count];
        var t = state.Length - 1;
        for (var g = 0; g < grid; g++)
        {
            spreads[g] = Quantiles(state, g, quantiles.Slice(g * ForecastPath.Levels.Length, ForecastPath.Levels.Length), out shifts[g]);
            Weigh(state, g);
            path.Best[g] = weights.AsSpan().IndexOf(weights.Max());
            weights.CopyTo(gridWeights[(g * Experts.Count)..]);
        }

        for (var h = 1; h <= path.Horizon; h++)
        {
            var (low, share) = cadence.Locate(h);
            var high = share > 0 ? low + 1 : low;
            Regressions(state, t, h, low, share);
            Experts.Fill(work, state, t, h, forecasts);
            for (var e = 0; e < Experts.Count; e++)
            {
                weights[e] = ((1 - share) * gridWeights[(low * Experts.Count) + e]) + (share * gridWeights[(high * Experts.Count) + e]);
            }

            var f = Combine();
            var root = Math.Sqrt(f + state.Offset);
            path.Mean[h - 1] = Math.Max(0, f + (root * (((1 - share) * shifts[low]) + (share * shifts[high]))));
            path.Sd[h - 1] = root * (((1 - share) * spreads[low]) + (share * spreads[high]));
            double previous = 0;
            for (var q = 0; q < ForecastPath.Levels.Length; q++)
            {
                var r = ((1 - share) * quantiles[(low * ForecastPath.Levels.Length) + q]) + (share * quantiles[(high * ForecastPath.Levels.Length) + q]);
                previous = Math.Max(previous, f + (r * root));
                path.Set(h, q, previous);
                if (q == ForecastPath.Median)
                {
                    path.Point[h - 1] = Math.Max(0, f + (0.5 * r * root));
                }
            }
        }
    }

    private static float Filling(SeriesState state)
    {
        var d = state.Cadence.Day;
        var n = state.Length;
        var shortGap = Math.Max(1, d / 24);
        var gap = 0;
        while (gap < n && gap < shortGap && float.IsNegative(state.Values[n - 1 - gap]))
        {
            gap++;
        }

        return Math.Abs(gap < shortGap || n < d ? state.Values[n - 1] : state.Values[n - d]);
    }

    private void Standardise(SeriesState state)
    {
        var n = state.Length;
        var y = work.Values;
        var sorted = work.Scales[0];
        sorted.Reserve(n);
        y.AsSpan(0, n).CopyTo(sorted.Z);
        Array.Sort(sorted.Z, 0, n);
        double mean = 0;
        for (var i = 0; i < n; i++)
        {
            mean += y[i];
        }

        mean /= n;
        double median = sorted.Z[n / 2];
        var tiny = 1e-6 * Math.Max(1e-3, sorted.Z[n - 1]);
        state.Offset = 0.3 * Math.Max(median, Math.Max(0.2 * mean, tiny));
        for (var transform = 0; transform < SeriesState.Transforms; transform++)
        {
            double sum = 0, trailing = 0, deviation = 0;
            var d = state.Cadence.Day;
            double Z(int i) => transform == 0 ? Math.Log(y[i] + state.Offset) : y[i];
            for (var i = 0; i < n; i++)
            {
                var z = Z(i);
                sum += z;
                trailing += z - (i >= d ? Z(i - d) : 0);
                var off = z - (trailing / Math.Min(d, i + 1));
                deviation += off * off;
            }

            state.Centre[transform] = sum / n;
            state.Scale[transform] = Math.Max(Math.Sqrt(deviation / n), transform == 0 ? 1e-4 : Math.Max(1e-6 * Math.Abs(sum / n), 1e-9));
        }
    }

    // What happens when the value at index i has become known.
    private void Step(SeriesState state, int i)
    {
        for (var transform = 0; transform < SeriesState.Transforms; transform++)
        {
            var z = work.Scales[transform].Z[i];
            state.Low[transform] = Math.Min(state.Low[transform], z);
            state.High[transform] = Math.Max(state.High[transform], z);
        }

        var number = state.First + i;
        if (number < state.LearnFrom)
        {
            return;
        }

        if (work.Known[i])
        {
            Judge(state, i, number);
        }

        if ((number - state.LearnFrom) % Cadence.Batch == Cadence.Batch - 1)
        {
            Learn(state, i);
        }

        Issue(state, i, number);
    }

    private void Judge(SeriesState state, int i, long number)
    {
        var cadence = state.Cadence;
        var d = cadence.Day;
        double actual = work.Values[i];
        int issuedAt = 0, residualAt = 0;
        for (var g = 0; g < cadence.Grid.Length; issuedAt += cadence.IssueKept[g] * Experts.Issued, residualAt += cadence.ResidualKept[g], g++)
        {
            var (h, every) = (cadence.Grid[g], cadence.IssueEvery[g]);
            if ((number - h) % every != 0 || number - h < state.LearnFrom || h > i)
            {
                continue;
            }

            var issued = state.Issued.AsSpan(issuedAt + ((int)((number - h) / every % cadence.IssueKept[g]) * Experts.Issued), Experts.Issued);
            if (float.IsNaN(issued[2]))
            {
                continue;
            }

            Experts.Fill(work, state, i - h, h, forecasts);
            forecasts[Experts.Log] = issued[0];
            forecasts[Experts.Linear] = issued[1];
            var days = (double)i / d <= 2 ? options.YoungWeightDays : options.WeightDays + (options.WeightDaysPerDay * h / d);
            var decay = Math.Pow(0.5, every / (days * d));
            for (var e = 0; e < Experts.Count; e++)
            {
                var at = (g * Experts.Judged) + e;
                state.ErrorSum[at] *= decay;
                state.ErrorCount[at] *= decay;
                if (!double.IsNaN(forecasts[e]))
                {
                    state.ErrorSum[at] += every * Math.Abs(actual - forecasts[e]);
                    state.ErrorCount[at] += every;
                }
            }

            var combined = (g * Experts.Judged) + Experts.Combined;
            state.ErrorSum[combined] = (state.ErrorSum[combined] * decay) + (every * Math.Abs(actual - issued[2]));
            state.ErrorCount[combined] = (state.ErrorCount[combined] * decay) + every;
            var slot = number / cadence.ResidualEvery[g];
            if (number % cadence.ResidualEvery[g] < every)
            {
                state.Residuals[residualAt + (int)(slot % cadence.ResidualKept[g])] = (Half)((actual - issued[2]) / Math.Sqrt(issued[2] + state.Offset));
            }
        }
    }

    private void Learn(SeriesState state, int i)
    {
        var cadence = state.Cadence;
        var grid = cadence.Grid.Length;
        var forget = (float)Math.Pow(0.5, Cadence.Batch / (options.RidgeDays * cadence.Day));
        var aDecay = Math.Pow(0.5, Cadence.Batch / (0.5 * cadence.Day));
        var full = options.RidgeDays * cadence.Day / Math.Log(2);
        for (var transform = 0; transform < SeriesState.Transforms; transform++)
        {
            var scale = work.Scales[transform];
            for (var g = 0; g < grid; g++)
            {
                var h = cadence.Grid[g];
                var at = (transform * grid) + g;
                var gram = state.Gram.AsSpan(at * SeriesState.Packed, SeriesState.Packed);
                var cross = state.Cross.AsSpan(at * Features.Count, Features.Count);
                var beta = state.Beta.AsSpan(at * Features.Count, Features.Count);
                Prior.At(cadence, transform, h, prior);
                Ridge.Decay(gram, cross, forget);
                var (a, total, count) = (state.Huber[at], 0.0, 0);
                for (var target = Math.Max(h, i - Cadence.Batch + 1); target <= i; target++)
                {
                    var t = target - h;
                    if (!work.Known[target] || state.First + t < state.LearnFrom)
                    {
                        continue;
                    }

                    Features.FillOrigin(scale, cadence, t, origin);
                    Features.FillTarget(scale, cadence, t, h, origin);
                    var goal = scale.Z[target] - scale.DayMean[t];
                    double fitted = 0, expected = 0;
                    for (var k = 0; k < Features.Count; k++)
                    {
                        fitted += beta[k] * origin[k];
                        expected += prior[k] * origin[k];
                    }

                    var r = Math.Abs(goal - fitted);
                    Ridge.Add(gram, cross, origin, r <= 2 * a ? 1 : 2 * a / r, goal - expected);
                    total += Math.Min(r, 6 * a);
                    count++;
                }

                if (count == 0)
                {
                    continue;
                }

                state.Huber[at] = Math.Max(1e-4, (aDecay * a) + ((1 - aDecay) * total / count));
                var ridge = (options.Ridge * Math.Max(Ridge.Trace(gram, Features.Count) / Features.Count / full, 1e-4)) + 1e-8;
                Ridge.Solve(gram, cross, ridge, prior, beta);
            }
        }
    }

    private void Issue(SeriesState state, int i, long number)
    {
        var cadence = state.Cadence;
        var at = 0;
        for (var g = 0; g < cadence.Grid.Length; at += cadence.IssueKept[g] * Experts.Issued, g++)
        {
            if (number % cadence.IssueEvery[g] != 0)
            {
                continue;
            }

            Regressions(state, i, cadence.Grid[g], g, 0);
            Experts.Fill(work, state, i, cadence.Grid[g], forecasts);
            Weigh(state, g);
            var issued = state.Issued.AsSpan(at + ((int)(number / cadence.IssueEvery[g] % cadence.IssueKept[g]) * Experts.Issued), Experts.Issued);
            issued[0] = (float)forecasts[Experts.Log];
            issued[1] = (float)forecasts[Experts.Linear];
            issued[2] = (float)Combine();
        }
    }

    // Both regressions at index t for t + h, coefficients between grid horizons low and low + 1.
    private void Regressions(SeriesState state, int t, int h, int low, double share)
    {
        var grid = state.Cadence.Grid.Length;
        for (var transform = 0; transform < SeriesState.Transforms; transform++)
        {
            var scale = work.Scales[transform];
            Features.FillOrigin(scale, state.Cadence, t, origin);
            Features.FillTarget(scale, state.Cadence, t, h, origin);
            var beta = state.Beta.AsSpan(((transform * grid) + low) * Features.Count);
            double z = 0;
            for (var k = 0; k < Features.Count; k++)
            {
                z += origin[k] * (share > 0 ? ((1 - share) * beta[k]) + (share * beta[Features.Count + k]) : beta[k]);
            }

            z += scale.DayMean[t];
            var range = state.High[transform] - state.Low[transform];
            z = Math.Clamp(z, state.Low[transform] - (0.1 * range), state.High[transform] + (0.25 * range));
            z = (z * state.Scale[transform]) + state.Centre[transform];
            forecasts[transform] = Math.Max(0, transform == 0 ? Math.Exp(z) - state.Offset : z);
        }
    }

    // Weights of the experts at a grid horizon, not normalised.
    private void Weigh(SeriesState state, int g)
    {
        if (options.Forced is { } forced)
        {
            Array.Clear(weights);
            weights[forced] = 1;
            return;
        }

        var best = double.MaxValue;
        for (var e = 0; e < Experts.Count; e++)
        {
            var count = state.ErrorCount[(g * Experts.Judged) + e];
            weights[e] = count > options.MinimumCount ? state.ErrorSum[(g * Experts.Judged) + e] / count : double.NaN;
            if (weights[e] < best)
            {
                best = weights[e];
            }
        }

        AssumeProfile(state, g, ref best);
        for (var e = 0; e < Experts.Count; e++)
        {
            var ratio = best > 0 ? 1.02 * best / (weights[e] + (0.02 * best)) : weights[e] == 0 ? 1 : 0;
            var square = ratio * ratio;
            weights[e] = double.IsNaN(weights[e]) ? 0 : square * square * square * square * square;
        }

        double sum = 0;
        for (var e = 0; e < Experts.Count; e++)
        {
            sum += weights[e];
        }

        for (var e = 0; e < Experts.Count; e++)
        {
            weights[e] = sum > 0 ? weights[e] / sum : e == Experts.Last ? 1 : 0;
        }
    }

    // In the second day yesterday's shape can be repeated before that was ever judged. Far ahead it is the better guess, near the last value is: 0.4 times the best
    // error from an eighth of a day on, 1.2 times at once.
    private void AssumeProfile(SeriesState state, int g, ref double best)
    {
        var (d, h) = (state.Cadence.Day, state.Cadence.Grid[g]);
        if (double.IsNaN(weights[Experts.Profile]) && state.Length >= d && state.Length < 3 * d)
        {
            weights[Experts.Profile] = best == double.MaxValue ? 1 : best * Math.Clamp(1.2 - (6.0 * h / d), 0.4, 1.2);
            best = Math.Min(best, weights[Experts.Profile]);
        }
    }

    private double Combine()
    {
        double total = 0, sum = 0;
        for (var e = 0; e < Experts.Count; e++)
        {
            if (weights[e] > 0 && !double.IsNaN(forecasts[e]))
            {
                total += weights[e];
                sum += weights[e] * forecasts[e];
            }
        }

        return total > 0 ? Math.Max(0, sum / total) : forecasts[Experts.Last];
    }

    // Quantiles of the combination's errors at a grid horizon, in units of sqrt(f + c), and their mean without the outermost. Returns their standard deviation.
    private double Quantiles(SeriesState state, int g, Span<double> quantiles, out double mean)
    {
        var cadence = state.Cadence;
        var (d, every, kept) = (cadence.Day, cadence.ResidualEvery[g], cadence.ResidualKept[g]);
        var at = 0;
        for (var k = 0; k < g; k++)
        {
            at += cadence.ResidualKept[k];
        }

        var newest = (state.First + state.Length - 1) / every;
        var count = 0;
        double total = 0, sum = 0, squares = 0;
        for (var age = 0; age < kept && age <= newest; age++)
        {
            var r = (float)state.Residuals[at + (int)((newest - age) % kept)];
            if (!float.IsNaN(r))
            {
                var weight = (float)Math.Pow(0.5, age * every / (options.QuantileDays * d));
                work.Weighted[count++] = (r, weight);
                total += weight;
                sum += weight * r;
                squares += weight * r * r;
            }
        }

        if (count < 3)
        {
            mean = 0;
            return Unknown(state, quantiles);
        }

        var sorted = work.Weighted.AsSpan(0, count);
        sorted.Sort(static (a, b) => a.Error.CompareTo(b.Error));
        mean = TrimmedMean(sorted, total);
        double passed = 0;
        var q = 0;
        for (var k = 0; k < count && q < quantiles.Length; k++)
        {
            passed += sorted[k].Weight;
            while (q < quantiles.Length && passed >= ForecastPath.Levels[q] * total)
            {
                quantiles[q++] = sorted[k].Error;
            }
        }

        for (; q < quantiles.Length; q++)
        {
            quantiles[q] = sorted[count - 1].Error;
        }

        var wider = 1 + (options.Widening * Math.Sqrt((double)cadence.Grid[g] / d) / Math.Max((double)state.Length / d, 0.5));
        var median = quantiles[ForecastPath.Median];
        foreach (ref var value in quantiles)
        {
            value = median + (wider * (value - median));
        }

        return wider * Math.Sqrt(Math.Max(0, (squares / total) - (sum / total * (sum / total))));
    }

    // The mean of sorted errors, the outermost hundredth on either side taken as the last value inside.
    private static double TrimmedMean(ReadOnlySpan<(float Error, float Weight)> sorted, double total)
    {
        var (low, high) = (0, sorted.Length - 1);
        for (double below = 0; low < high && (below += sorted[low].Weight) < 0.01 * total; low++)
        {
        }

        for (double above = 0; high > low && (above += sorted[high].Weight) < 0.01 * total; high--)
        {
        }

        double sum = 0;
        foreach (var (error, weight) in sorted)
        {
            sum += weight * Math.Clamp(error, sorted[low].Error, sorted[high].Error);
        }

        return sum / total;
    }

    // Too few errors to speak of: a guess from the last day, and where that is a minute or two, from the level alone.
    private double Unknown(SeriesState state, Span<double> quantiles)
    {
        ReadOnlySpan<double> guess = [-0.5, -0.4, -0.2, 0, 0.2, 0.4, 0.6];
        var n = Math.Min(state.Length, state.Cadence.Day);
        double mean = 0, square = 0;
        for (var i = state.Length - n; i < state.Length; i++)
        {
            mean += work.Values[i] / (double)n;
        }

        for (var i = state.Length - n; i < state.Length; i++)
        {
            square += (work.Values[i] - mean) * (work.Values[i] - mean) / n;
        }

        square = Math.Max(square, LeastSpread * LeastSpread * mean * mean);
        for (var q = 0; q < quantiles.Length; q++)
        {
            quantiles[q] = guess[q] * Math.Sqrt(square) / Math.Sqrt(mean + state.Offset);
        }

        return 0.4 * Math.Sqrt(square) / Math.Sqrt(mean + state.Offset);
    }
}
