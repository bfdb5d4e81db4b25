using System.Globalization;
using System.Text;

namespace ShardConsole.NodeAgent.Admin;

/// <summary>Writes metrics in the Prometheus text format, version 0.0.4.</summary>
internal static class PrometheusWriter
{
    /// <summary>Content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>All metrics, ordered by name; those of one name, from whichever source, stand together under the first one's help and type, as the format demands.</summary>
    /// <exception cref="ArgumentException">A metric's or a label's name is not allowed by the format.</exception>
    public static string Write(IEnumerable<Metric> metrics)
    {
        var text = new StringBuilder();
        foreach (var family in metrics.GroupBy(m => m.Name).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var first = family.First();
            CheckName(first.Name, colonAllowed: true);
            text.Append("# HELP ").Append(first.Name).Append(' ').Append(EscapeHelp(first.Help)).Append('\n');
            text.Append("# TYPE ").Append(first.Name).Append(' ').Append(first.Kind == MetricKind.Counter ? "counter" : "gauge").Append('\n');
            foreach (var sample in family.SelectMany(m => m.Samples))
            {
                WriteSample(text, first.Name, sample);
            }
        }

        return text.ToString();
    }

    private static void WriteSample(StringBuilder text, string name, MetricSample sample)
    {
        text.Append(name);
        for (var i = 0; i < sample.Labels.Count; i++)
        {
            var (label, value) = sample.Labels[i];
            CheckName(label, colonAllowed: false);
            text.Append(i == 0 ? '{' : ',').Append(label).Append("=\"").Append(EscapeHelp(value).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        text.Append(sample.Labels.Count > 0 ? "} " : " ").Append(Number(sample.Value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string EscapeHelp(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static void CheckName(string name, bool colonAllowed)
    {
        var allowed = name.Length > 0 && !char.IsAsciiDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || (colonAllowed && c == ':'));
        if (!allowed)
        {
            throw new ArgumentException($"\"{name}\" is no name of a Prometheus metric or label.");
        }
    }
}
