using System.Globalization;
using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Demo;

/// <summary>Keys of which the segment is chosen: a hash tag is searched for each segment.</summary>
internal sealed class DemoKeys
{
    private readonly string[] tags;

    /// <summary>Finds a tag for each segment.</summary>
    public DemoKeys(int segments)
    {
        tags = new string[segments];
        var missing = segments;
        for (var number = 0; missing > 0; number++)
        {
            var tag = string.Create(CultureInfo.InvariantCulture, $"d{number}");
            ref var place = ref tags[SegmentId.OfSlot(Slot.Of(Encoding.ASCII.GetBytes(tag)), segments).Value];
            if (place is null)
            {
                place = tag;
                missing--;
            }
        }
    }

    /// <summary>Key number <paramref name="number"/> of a segment.</summary>
    public string Of(int segment, int number) => string.Create(CultureInfo.InvariantCulture, $"demo:{{{tags[segment]}}}:{number}");
}
