using System.Globalization;
using System.Text;

namespace ShardConsole.ControlPlane.Replay;

/// <summary>What a replay did. Latencies are from the first try to the acknowledgement, retries included.</summary>
internal sealed record ReplayReport(
    long Requests, long Writes, long Errors, long Retries, double Seconds, double LogSeconds, double MaxLagSeconds,
    long P50Micros, long P99Micros, long P999Micros, long LongestMicros,
    long VerifiedKeys, long Lost, IReadOnlyList<string> FirstLost, IReadOnlyDictionary<string, long> ErrorKinds)
{
    /// <summary>The report for people.</summary>
    public string ToTable()
    {
        var text = new StringBuilder();
        void Row(string name, FormattableString value) => text.Append(name.PadRight(22)).AppendLine(value.ToString(CultureInfo.InvariantCulture));
        Row("requests", $"{Requests} ({Writes} writes)");
        Row("rate", $"{Requests / Math.Max(Seconds, 1e-9):0} a second for {Seconds:0.0} s ({LogSeconds:0} s of the log)");
        Row("behind schedule", $"{MaxLagSeconds:0.00} s at most");
        Row("latency p50", $"{P50Micros / 1000.0:0.00} ms");
        Row("latency p99", $"{P99Micros / 1000.0:0.00} ms");
        Row("latency p99.9", $"{P999Micros / 1000.0:0.00} ms");
        Row("longest pause", $"{LongestMicros / 1000.0:0.00} ms");
        Row("errors", $"{Errors}{Kinds()}");
        Row("tried again", $"{Retries}");
        Row("keys read back", $"{VerifiedKeys}");
        Row("acknowledged and lost", $"{Lost}");
        foreach (var lost in FirstLost)
        {
            Row("", $"{lost}");
        }

        return text.ToString();
    }

    private string Kinds() => ErrorKinds.Count == 0 ? "" : $" ({string.Join(", ", ErrorKinds.Select(k => $"{k.Key} {k.Value}"))})";
}
