using System.Net;
using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Load;

public sealed class ReportComposerTests
{
    private static readonly NodeStatus Status = new(1, 2, new NodeUse(0, 0, 0, 0), 0, default, false, [], []);

    [Fact]
    public void A_bucket_becomes_a_view_and_a_report()
    {
        var composer = new ReportComposer(new LoadOptions(), boot: 77);
        var input = Input([new SegmentTally(new SegmentId(4), 8, 2, 100, 200, 400, 0, 0, 5, 6)], [new SegmentHolding(new SegmentId(4), 3, 30)]) with
        {
            LengthMs = 500, Before = new ProcessTotals(1_000, 5, 10, 100), After = new ProcessTotals(11_000, 6, 1_010, 300),
        };

        var (view, segments) = composer.Close(input);
        var report = composer.Report("c", new NodeId(1), input, segments, Status);

        // Weight 10 × 8 + 400 = 480, scaled by at most 8: 3840 of the 10000 used.
        Assert.Equal([new SegmentLoad(new SegmentId(4), 8, 2, 100, 200, 3840, 0, 5, 6, 3, 30)], segments);
        Assert.Equal(new LoadView(5_000, new NodeUse(20, 6, 2_000, 400), 20, 5, 6, view.Hottest), view);
        Assert.Equal([new SegmentHeat(new SegmentId(4), 7)], view.Hottest);
        Assert.Equal(new LoadReport("c", new NodeId(1), 77, 1, 5_000, 500, segments, [], Status), report);
        Assert.Equal(2, composer.Report("c", new NodeId(1), input, segments, Status).Sequence);
    }

    [Fact]
    public void Only_counted_and_changed_segments_are_named_and_all_of_them_now_and_then()
    {
        var composer = new ReportComposer(new LoadOptions { FullReportEvery = 3 }, 1);
        IEnumerable<ushort> Named(params SegmentHolding[] holdings)
        {
            var input = Input([], holdings);
            var (_, segments) = composer.Close(input);
            composer.Report("c", new NodeId(1), input, segments, Status);
            return segments.Select(s => s.Segment.Value);
        }

        SegmentHolding one = new(new SegmentId(1), 5, 50), two = new(new SegmentId(2), 0, 0);
        Assert.Equal([1, 2], Named(one, two));
        Assert.Equal([], Named(one, two));
        Assert.Equal([1], Named(one with { Keys = 6 }, two));
        Assert.Equal([1, 2], Named(one with { Keys = 6 }, two));
        Assert.Equal([], Named(two));
        Assert.Equal([1], Named(one with { Keys = 6 }, two));
    }

    [Fact]
    public void A_segment_that_is_only_followed_has_no_holdings()
    {
        var (_, segments) = new ReportComposer(new LoadOptions(), 1).Close(Input([new SegmentTally(new SegmentId(4), 0, 0, 0, 0, 0, 9, 3, 0, 0)], []));

        Assert.Equal((-1L, -1L), (segments[0].Keys, segments[0].DataBytes));
    }

    [Fact]
    public void The_buffer_keeps_the_order_and_drops_the_oldest()
    {
        var buffer = new ReportBuffer(2);
        var reports = Enumerable.Range(1, 3).Select(i => new LoadReport("c", new NodeId(1), 1, i, 0, 1000, [], [], Status)).ToList();
        buffer.Add(reports[0]);
        buffer.Add(reports[1]);
        Assert.True(buffer.TryPeek(out var first));
        buffer.Add(reports[2]);
        buffer.Remove(first);

        Assert.Equal((2, 1L), (buffer.Count, buffer.Dropped));
        Assert.True(buffer.TryPeek(out var next));
        Assert.Same(reports[1], next);
        buffer.Remove(next);
        Assert.True(buffer.TryPeek(out next));
        Assert.Same(reports[2], next);
        buffer.Remove(next);
        Assert.False(buffer.TryPeek(out _));
    }

    [Theory]
    [InlineData(null, "Away")]
    [InlineData(HttpStatusCode.NoContent, "Delivered")]
    [InlineData(HttpStatusCode.Conflict, "Refused")]
    [InlineData(HttpStatusCode.BadRequest, "Refused")]
    [InlineData(HttpStatusCode.Unauthorized, "Away")]
    [InlineData(HttpStatusCode.TooManyRequests, "Away")]
    [InlineData(HttpStatusCode.BadGateway, "Away")]
    public void An_answer_is_judged(HttpStatusCode? status, string outcome) => Assert.Equal(outcome, ReportClient.Judge(status).ToString());

    [Fact]
    public void Pauses_double_up_to_the_limit()
    {
        var options = new LoadOptions { RetryMs = 500, RetryMaxMs = 3_000 };
        Assert.Equal([500, 1000, 2000, 3000, 3000], new[] { 1, 2, 3, 4, 10_000 }.Select(n => ReportClient.Pause(options, n).TotalMilliseconds));
    }

    [Fact]
    public void Disk_bytes_are_read_from_the_systems_text()
    {
        Assert.Equal(4096 + 8192, OperatingSystemUse.ParseDisk("rchar: 1\nwchar: 2\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 5\n"));
        Assert.Equal(0, OperatingSystemUse.ParseDisk("nonsense\nread_bytes: x\n"));
    }

    private static BucketInput Input(IReadOnlyList<SegmentTally> segments, IReadOnlyList<SegmentHolding> holdings) =>
        new(5_000, 1_000, new BucketTally(segments, 5, 6), new ProcessTotals(0, 0, 0, 0), new ProcessTotals(0, 0, 0, 0), holdings, []);
}
