using ShardConsole.NodeAgent.Admin;

namespace ShardConsole.Unit.Admin;

public sealed class PrometheusWriterTests
{
    [Fact]
    public void Metrics_are_written_in_the_text_format_and_those_of_one_name_together()
    {
        Metric[] metrics =
        [
            new("b_total", "Line\nbreak \\ here.", MetricKind.Counter, [new MetricSample([("kind", "a\"b\\c\nd"), ("node", "n1")], 1.5)]),
            Metric.Gauge("a_bytes", "Help.", double.PositiveInfinity),
            Metric.Counter("b_total", "Other help.", 3e20),
            Metric.Gauge("c", "Nothing.", double.NaN),
        ];

        Assert.Equal(
            """
            # HELP a_bytes Help.
            # TYPE a_bytes gauge
            a_bytes +Inf
            # HELP b_total Line\nbreak \\ here.
            # TYPE b_total counter
            b_total{kind="a\"b\\c\nd",node="n1"} 1.5
            b_total 3E+20
            # HELP c Nothing.
            # TYPE c gauge
            c NaN

            """,
            PrometheusWriter.Write(metrics));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1a")]
    [InlineData("a-b")]
    public void A_name_that_the_format_forbids_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => PrometheusWriter.Write([Metric.Gauge(name, "Help.", 1)]));
}
