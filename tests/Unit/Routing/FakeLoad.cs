using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Routing;

/// <summary>Remembers what was counted.</summary>
internal sealed class FakeLoad : ILoadRecorder
{
    public List<(SegmentId Segment, bool IsWrite, int BytesIn, int BytesOut)> Counted { get; } = [];

    public bool WantsSample => false;

    public void Served(SegmentId segment, bool isWrite, int bytesIn, int bytesOut, long cpuTicks, long latencyTicks)
    {
        lock (Counted)
        {
            Counted.Add((segment, isWrite, bytesIn, bytesOut));
        }
    }

    public void Expect(SegmentId segment)
    {
    }

    public void Followed(SegmentId segment, long cpuTicks)
    {
    }

    public void Sample(ReadOnlySpan<byte> command, SegmentId segment, ReadOnlySpan<byte> key, long connection)
    {
    }
}
