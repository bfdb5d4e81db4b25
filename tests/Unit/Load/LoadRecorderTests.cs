using Microsoft.Extensions.Time.Testing;
using ShardConsole.NodeAgent.Load;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Load;

public sealed class LoadRecorderTests
{
    private static readonly LoadOptions Options = new() { SegmentCapacity = 128, Stripes = 2 };

    // The fake clock counts ten million ticks a second.
    private const long TicksPerMicro = 10;

    private readonly LoadRecorder recorder = new(Options, new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_000)));

    [Fact]
    public void What_was_served_and_followed_is_tallied_per_segment_once()
    {
        var tally = new LoadTally(recorder);
        recorder.Served(new SegmentId(3), false, 10, 100, 5 * TicksPerMicro, 7 * TicksPerMicro);
        recorder.Served(new SegmentId(3), true, 20, 5, 6 * TicksPerMicro, 1000 * TicksPerMicro);
        recorder.Followed(new SegmentId(127), 9 * TicksPerMicro);

        var first = tally.Take();
        Assert.Equal(
            [
                new SegmentTally(new SegmentId(3), 1, 1, 30, 105, 11, 0, 0, 7, 959),
                new SegmentTally(new SegmentId(127), 0, 0, 0, 0, 0, 9, 1, 0, 0),
            ],
            first.Segments);
        Assert.Equal((7, 959), (first.LatencyP50Micros, first.LatencyP99Micros));
        Assert.Empty(tally.Take().Segments);

        recorder.Served(new SegmentId(3), true, 1, 1, TicksPerMicro, TicksPerMicro);
        Assert.Equal([new SegmentTally(new SegmentId(3), 0, 1, 1, 1, 1, 0, 0, 1, 1)], tally.Take().Segments);
    }

    [Fact]
    public void A_segment_outside_the_capacity_and_a_negative_time_do_no_harm()
    {
        var tally = new LoadTally(recorder);
        recorder.Served(new SegmentId(128), true, 1, 1, 1, 1);
        recorder.Followed(new SegmentId(60_000), 1);
        recorder.Expect(new SegmentId(128));
        Assert.Empty(tally.Take().Segments);

        recorder.Served(new SegmentId(0), true, 1, 1, -5, -5);
        Assert.Equal([new SegmentTally(new SegmentId(0), 0, 1, 1, 1, 0, 0, 0, 0, 0)], tally.Take().Segments);
    }

    [Fact]
    public void No_count_is_lost_between_buckets_while_others_count()
    {
        const int Each = 200_000;
        var tally = new LoadTally(recorder);
        var total = 0L;
        Parallel.Invoke(
            [.. Enumerable.Range(0, 3).Select(w => (Action)(() =>
            {
                for (var i = 0; i < Each; i++)
                {
                    recorder.Served(new SegmentId((ushort)((i + w) % 128)), true, 1, 1, 1, 1);
                }
            })),
            () =>
            {
                for (var i = 0; i < 200; i++)
                {
                    total += tally.Take().Segments.Sum(s => s.Writes);
                }
            },
            ]);

        Assert.Equal(3 * Each, total + tally.Take().Segments.Sum(s => s.Writes));
    }

    [Fact]
    public void Times_of_all_threads_are_in_the_quantiles()
    {
        var wide = new LoadRecorder(Options with { Stripes = 3 }, new FakeTimeProvider());
        foreach (var micros in new[] { 100, 100, 100, 1000, 1000, 1000 })
        {
            var thread = new Thread(() =>
            {
                wide.Expect(new SegmentId(3));
                wide.Served(new SegmentId(3), true, 1, 1, 1, micros * TicksPerMicro);
            });
            thread.Start();
            thread.Join();
        }

        var tally = new LoadTally(wide).Take();
        Assert.Equal((103, 959), (tally.Segments[0].LatencyP50Micros, tally.Segments[0].LatencyP99Micros));
        Assert.Equal((103, 959), (tally.LatencyP50Micros, tally.LatencyP99Micros));
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        recorder.OpenSampling(100);
        void Count()
        {
            recorder.Expect(new SegmentId(3));
            recorder.Served(new SegmentId(3), true, 1, 1, 1, 1);
            recorder.Followed(new SegmentId(4), 1);
            if (recorder.WantsSample)
            {
                recorder.Sample("GET"u8, new SegmentId(3), "key"u8, 1);
            }
        }

        Count();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Count();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void The_query_log_keeps_the_first_commands_after_it_was_opened()
    {
        Assert.False(recorder.WantsSample);
        recorder.Sample("GET"u8, new SegmentId(1), "early"u8, 1);
        recorder.OpenSampling(2);
        Assert.True(recorder.WantsSample);
        recorder.Sample("get"u8, new SegmentId(1), "a"u8, 7);
        recorder.Sample("SET"u8, new SegmentId(2), new byte[300], 8);
        Assert.False(recorder.WantsSample);
        recorder.Sample("SET"u8, new SegmentId(3), "late"u8, 9);

        var samples = recorder.CloseSampling().Samples().ToList();

        Assert.Equal(
            [
                new QuerySample(1_000, "GET", new SegmentId(1), System.IO.Hashing.XxHash64.HashToUInt64("a"u8), 7, "a"),
                new QuerySample(1_000, "SET", new SegmentId(2), System.IO.Hashing.XxHash64.HashToUInt64(new byte[300]), 8, new string('\0', 256)),
            ],
            samples);
        Assert.Empty(recorder.CloseSampling().Samples());
    }
}
