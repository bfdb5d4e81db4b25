namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>Working memory of one thread: what is derived from a series' values while it is worked on. Holds nothing between two series.</summary>
internal sealed class Workspace
{
    /// <summary>A value may be this many times the largest of the day before it, or of the same hour a week ago.</summary>
    private const float MaxGrowth = 4;

    /// <summary>Values from which on that is asked.</summary>
    private const int FewValues = 12;

    /// <summary>Constants of the flat exponential means.</summary>
    public static readonly double[] Alphas = [0.5, 0.2, 0.05];

    private int[] highest = [];

    /// <summary>Values, index 0 the oldest; what rises out of nothing is limited, see <see cref="Limit"/>.</summary>
    public float[] Values { get; private set; } = [];

    /// <summary>Which of them were measured.</summary>
    public bool[] Known { get; private set; } = [];

    /// <summary>Flat exponential means of the values, α 0.5, 0.2 and 0.05.</summary>
    public float[][] Levels { get; private set; } = [[], [], []];

    /// <summary>The two transforms.</summary>
    public Scale[] Scales { get; } = [new(), new()];

    /// <summary>Errors, for quantiles.</summary>
    public float[] Errors { get; } = new float[8192];

    /// <summary>Weights of <see cref="Errors"/>.</summary>
    public float[] Weights { get; } = new float[8192];

    /// <summary>Derives everything from the values that the state keeps.</summary>
    public void Load(SeriesState state)
    {
        Unpack(state);
        Transform(state);
    }

    /// <summary>Values and the flat means, which need no scale.</summary>
    public void Unpack(SeriesState state)
    {
        var n = state.Length;
        if (Values.Length < n)
        {
            var size = Math.Max(n, 1024);
            Values = new float[size];
            Known = new bool[size];
            highest = new int[size];
            Levels = [new float[size], new float[size], new float[size]];
        }

        for (var i = 0; i < n; i++)
        {
            Values[i] = Math.Abs(state.Values[i]);
            Known[i] = !float.IsNegative(state.Values[i]);
        }

        Limit(state.Cadence, n);
        for (var a = 0; a < Alphas.Length; a++)
        {
            var (level, alpha, levels) = ((double)Values[0], Alphas[a], Levels[a]);
            for (var i = 0; i < n; i++)
            {
                level += alpha * (Values[i] - level);
                levels[i] = (float)level;
            }
        }
    }

    // One wild value must not bend tomorrow, a new level must be followed: the limit grows with what it let through, so a level a thousand times as high is reached in
    // six steps. What comes again after a week passes whole. The largest of the last day comes from a queue of falling values (each enters and leaves once).
    private void Limit(Cadence cadence, int n)
    {
        var (d, w) = (cadence.Day, cadence.Week);
        var (head, tail) = (0, 0);
        for (var i = 0; i < n; i++)
        {
            var raw = Values[i];
            if (i >= FewValues && head < tail && Values[highest[head]] > 0)
            {
                var most = Values[highest[head]];
                for (var k = Math.Max(0, i - w - 2); k <= i - w + 2; k++)
                {
                    most = Math.Max(most, Values[k]);
                }

                Values[i] = Math.Min(raw, MaxGrowth * most);
            }

            while (tail > head && Values[highest[tail - 1]] <= Values[i])
            {
                tail--;
            }

            highest[tail++] = i;
            while (highest[head] <= i - d)
            {
                head++;
            }
        }
    }

    /// <summary>The transforms, by the scale that the state holds.</summary>
    public void Transform(SeriesState state)
    {
        var n = state.Length;
        for (var transform = 0; transform < SeriesState.Transforms; transform++)
        {
            var scale = Scales[transform];
            scale.Reserve(n);
            var (centre, per) = (state.Centre[transform], 1 / state.Scale[transform]);
            var z = scale.Z;
            for (var i = 0; i < n; i++)
            {
                z[i] = (float)(((transform == 0 ? Math.Log(Values[i] + state.Offset) : Values[i]) - centre) * per);
            }

            scale.Derive(state.Cadence, n);
        }
    }
}
