using System.Globalization;
using System.Text;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>What is compared or shown. Wire value of the frame's mode byte.</summary>
internal enum HeatmapMode : byte
{
    /// <summary>"af": measured, then the forecast's median.</summary>
    ActualAndForecast = 0,

    /// <summary>"err": measured − what had been forecast <see cref="HeatmapView.Lead"/> before.</summary>
    Error = 1,

    /// <summary>"ap": as the first, with a plan's moves done.</summary>
    AfterPlan = 2,
}

/// <summary>What a row is: "seg", "shard" or "node".</summary>
internal enum HeatmapRows
{
    Segments,
    Shards,
    Nodes,
}

/// <summary>Order of the rows: "key", "shard", "node" or "hot".</summary>
internal enum HeatmapOrder
{
    Keyspace,
    Shard,
    Node,
    HottestAhead,
}

/// <summary>
/// A view of the heatmap: the same words in the page's URL and in <c>GET /api/v1/heatmap</c>.
/// </summary>
/// <param name="Range">Past shown: 6 h, 24 h, 48 h, 7 d or 4 w.</param>
/// <param name="AheadHours">Forecast shown: 0, 1, 6 or 24 hours.</param>
/// <param name="Lead">How long before a moment its forecast was made, in the Error mode: 1 h or 24 h.</param>
/// <param name="Node">Only what this node leads; null: all.</param>
/// <param name="Shard">Only this shard; 0: all.</param>
/// <param name="From">Start of a zoomed view; null: not zoomed in time.</param>
/// <param name="To">End of a zoomed view, excluded.</param>
/// <param name="FirstSegment">First segment of a zoomed view.</param>
/// <param name="LastSegment">Last segment of a zoomed view; -1: to the end.</param>
/// <param name="Brightness">−6..6; the browser's business only.</param>
/// <param name="Plan">The plan of the After-plan mode.</param>
/// <param name="Pin">"427@unix milliseconds" of a pinned cell; the browser's business only.</param>
internal sealed record HeatmapView(
    TimeSpan Range, int AheadHours, LoadMetric Metric, HeatmapMode Mode, TimeSpan Lead, HeatmapRows Rows, HeatmapOrder Order,
    string? Node, int Shard, DateTimeOffset? From, DateTimeOffset? To, int FirstSegment, int LastSegment, int Brightness, string? Plan, string? Pin)
{
    /// <summary>48 h back, 24 h ahead, CPU, all segments in keyspace order.</summary>
    public static readonly HeatmapView Default = new(
        TimeSpan.FromHours(48), 24, LoadMetric.Cpu, HeatmapMode.ActualAndForecast, TimeSpan.FromHours(1), HeatmapRows.Segments, HeatmapOrder.Keyspace,
        null, 0, null, null, 0, -1, 0, null, null);

    private static readonly (string Word, TimeSpan Value)[] RangeWords =
        [("6h", TimeSpan.FromHours(6)), ("24h", TimeSpan.FromHours(24)), ("48h", TimeSpan.FromHours(48)), ("7d", TimeSpan.FromDays(7)), ("4w", TimeSpan.FromDays(28))];

    private static readonly (string Word, int Value)[] AheadWords = [("0h", 0), ("1h", 1), ("6h", 6), ("24h", 24)];

    private static readonly (string Word, LoadMetric Value)[] MetricWords =
        [("cpu", LoadMetric.Cpu), ("reads", LoadMetric.Reads), ("writes", LoadMetric.Writes), ("in", LoadMetric.BytesIn), ("out", LoadMetric.BytesOut), ("follower", LoadMetric.FollowerCpu), ("keys", LoadMetric.Keys), ("data", LoadMetric.DataBytes)];

    private static readonly (string Word, HeatmapMode Value)[] ModeWords = [("af", HeatmapMode.ActualAndForecast), ("err", HeatmapMode.Error), ("ap", HeatmapMode.AfterPlan)];

    private static readonly (string Word, TimeSpan Value)[] LeadWords = [("1h", TimeSpan.FromHours(1)), ("24h", TimeSpan.FromHours(24))];

    private static readonly (string Word, HeatmapRows Value)[] RowWords = [("seg", HeatmapRows.Segments), ("shard", HeatmapRows.Shards), ("node", HeatmapRows.Nodes)];

    private static readonly (string Word, HeatmapOrder Value)[] OrderWords =
        [("key", HeatmapOrder.Keyspace), ("shard", HeatmapOrder.Shard), ("node", HeatmapOrder.Node), ("hot", HeatmapOrder.HottestAhead)];

    /// <summary>True when only a part of the time or of the keyspace is shown.</summary>
    public bool IsZoomed => From is not null || FirstSegment > 0 || LastSegment >= 0;

    /// <summary>Word of the range in the URL: "48h".</summary>
    public string RangeWord => Word(RangeWords, Range);

    /// <summary>The view that leaves out what zooming and the browser add.</summary>
    public HeatmapView Unzoomed => this with { From = null, To = null, FirstSegment = 0, LastSegment = -1, Brightness = 0, Pin = null };

    /// <summary>Reads a query. A word that is not known is an error that names the parameter, its value and what may stand there.</summary>
    /// <param name="get">Value of a parameter; null or empty where it is absent.</param>
    public static (HeatmapView? View, string? Parameter, string? Error) Parse(Func<string, string?> get)
    {
        var errors = new List<(string Parameter, string Text)>();

        T Pick<T>(string name, (string Word, T Value)[] words, T fallback)
        {
            var text = get(name);
            if (string.IsNullOrEmpty(text))
            {
                return fallback;
            }

            foreach (var (word, value) in words)
            {
                if (word == text)
                {
                    return value;
                }
            }

            errors.Add((name, $"{name}={text} is not one of {string.Join(", ", words.Select(w => w.Word))}."));
            return fallback;
        }

        int Whole(string name, int fallback, int least, int most)
        {
            var text = get(name);
            if (string.IsNullOrEmpty(text))
            {
                return fallback;
            }

            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            {
                return value;
            }

            errors.Add((name, $"{name}={text} is not a whole number from {least} to {most}."));
            return fallback;
        }

        DateTimeOffset? Moment(string name)
        {
            var text = get(name);
            if (string.IsNullOrEmpty(text))
            {
                return null;
            }

            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms <= 253402300799999)
            {
                return DateTimeOffset.FromUnixTimeMilliseconds(ms);
            }

            errors.Add((name, $"{name}={text} is not a time in Unix milliseconds."));
            return null;
        }

        static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

        var view = new HeatmapView(
            Pick("range", RangeWords, Default.Range), Pick("ahead", AheadWords, Default.AheadHours), Pick("metric", MetricWords, Default.Metric),
            Pick("mode", ModeWords, Default.Mode), Pick("lead", LeadWords, Default.Lead), Pick("rows", RowWords, Default.Rows), Pick("order", OrderWords, Default.Order),
            Text(get("node")), Whole("shard", 0, 0, ushort.MaxValue), Moment("t0"), Moment("t1"),
            Whole("s0", 0, 0, ushort.MaxValue), Whole("s1", -1, -1, ushort.MaxValue), Whole("b", 0, -6, 6), Text(get("plan")), Text(get("pin")));
        if (view.From is null != view.To is null || view.From >= view.To)
        {
            errors.Add(("t1", "t0 and t1 belong together, and t0 comes first."));
        }

        if (view.LastSegment >= 0 && view.LastSegment < view.FirstSegment)
        {
            errors.Add(("s1", $"s1={view.LastSegment} is before s0={view.FirstSegment}."));
        }

        return errors.Count == 0 ? (view, null, null) : (null, errors[0].Parameter, errors[0].Text);
    }

    /// <summary>The query of this view, without what is as in <see cref="Default"/>; empty or beginning with "?".</summary>
    public string ToQuery()
    {
        var text = new StringBuilder();
        void Add(string name, string? value, bool differs)
        {
            if (differs && value is not null)
            {
                text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        static string? Ms(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        static string Int(int value) => value.ToString(CultureInfo.InvariantCulture);

        Add("range", RangeWord, Range != Default.Range);
        Add("ahead", Word(AheadWords, AheadHours), AheadHours != Default.AheadHours);
        Add("metric", Word(MetricWords, Metric), Metric != Default.Metric);
        Add("mode", Word(ModeWords, Mode), Mode != Default.Mode);
        Add("lead", Word(LeadWords, Lead), Lead != Default.Lead);
        Add("rows", Word(RowWords, Rows), Rows != Default.Rows);
        Add("order", Word(OrderWords, Order), Order != Default.Order);
        Add("node", Node, Node is not null);
        Add("shard", Int(Shard), Shard != 0);
        Add("t0", Ms(From), From is not null);
        Add("t1", Ms(To), To is not null);
        Add("s0", Int(FirstSegment), FirstSegment != 0);
        Add("s1", Int(LastSegment), LastSegment >= 0);
        Add("b", Int(Brightness), Brightness != 0);
        Add("plan", Plan, Plan is not null);
        Add("pin", Pin, Pin is not null);
        return text.ToString();
    }

    private static string Word<T>((string Word, T Value)[] words, T value) =>
        words.First(w => EqualityComparer<T>.Default.Equals(w.Value, value)).Word;
}
