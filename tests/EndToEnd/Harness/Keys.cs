using System.Globalization;
using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>Makes keys that lie where a test wants them.</summary>
internal static class Keys
{
    /// <summary>A hash tag whose slot is in the segment; keys "{tag}…" all lie there.</summary>
    public static string TagIn(SegmentId segment, int segmentCount) =>
        Enumerable.Range(0, int.MaxValue).Select(i => i.ToString(CultureInfo.InvariantCulture))
            .First(tag => SegmentId.OfSlot(Slot.Of(Encoding.ASCII.GetBytes(tag)), segmentCount) == segment);

    /// <summary>Distinct keys in a segment.</summary>
    public static IEnumerable<string> In(SegmentId segment, int segmentCount, int count, string prefix)
    {
        var tag = TagIn(segment, segmentCount);
        return Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{prefix}{{{tag}}}{i}"));
    }
}
