using System.Globalization;
using System.Text.Json.Serialization;

namespace ShardConsole.Shared.Cluster;

/// <summary>A run of consecutive slots, 0 .. segment count - 1: the unit that is measured, forecast and moved.</summary>
[JsonConverter(typeof(SegmentIdJsonConverter))]
public readonly record struct SegmentId(ushort Value) : IComparable<SegmentId>
{
    /// <summary>The segment that holds <paramref name="slot"/> in a cluster of <paramref name="segmentCount"/> segments.</summary>
    public static SegmentId OfSlot(int slot, int segmentCount) => new((ushort)(slot / (Slot.Count / segmentCount)));

    /// <inheritdoc/>
    public int CompareTo(SegmentId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A replica group that owns segments. 1-based; shown as "s-07". 0 is never a shard.</summary>
[JsonConverter(typeof(ShardIdJsonConverter))]
public readonly record struct ShardId(ushort Value) : IComparable<ShardId>
{
    /// <inheritdoc/>
    public int CompareTo(ShardId other) => Value.CompareTo(other.Value);

    /// <summary>"s-07".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"s-{Value:00}");

    /// <summary>Reads "s-07", "7" or "07".</summary>
    public static bool TryParse(string? text, out ShardId id)
    {
        var digits = text is not null && text.StartsWith("s-", StringComparison.Ordinal) ? text.AsSpan(2) : text.AsSpan();
        var ok = ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0;
        id = new ShardId(ok ? value : (ushort)0);
        return ok;
    }
}

/// <summary>A Raft group on a node: 0 is the meta group M, n is the group of shard n.</summary>
[JsonConverter(typeof(GroupIdJsonConverter))]
public readonly record struct GroupId(ushort Value) : IComparable<GroupId>
{
    /// <summary>The group that owns the map, the member list, the migrations, the limits and the halt.</summary>
    public static readonly GroupId Meta = new(0);

    /// <summary>The Raft group of a shard.</summary>
    public static GroupId Of(ShardId shard) => new(shard.Value);

    /// <summary>Reads "meta", or a shard as <see cref="ShardId.TryParse"/> does.</summary>
    public static bool TryParse(string? text, out GroupId id)
    {
        id = Meta;
        if (text == "meta")
        {
            return true;
        }

        var ok = ShardId.TryParse(text, out var shard);
        id = Of(shard);
        return ok;
    }

    /// <summary>The shard of this group. Meaningless for <see cref="Meta"/>.</summary>
    public ShardId Shard => new(Value);

    /// <inheritdoc/>
    public int CompareTo(GroupId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value == 0 ? "meta" : Shard.ToString();
}

/// <summary>Identity of one node's data folder, drawn at random with it, never 0 and below 2^63. A wiped folder is a new node.</summary>
[JsonConverter(typeof(NodeIdJsonConverter))]
public readonly record struct NodeId(ulong Value) : IComparable<NodeId>
{
    /// <summary>True for the default value, which names no node.</summary>
    public bool IsNone => Value == 0;

    /// <summary>The 40 hexadecimal digits by which Redis Cluster clients know the node.</summary>
    public string ToRedisId()
    {
        var hex = ToString();
        return string.Concat(hex, hex, hex.AsSpan(0, 8));
    }

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <summary>16 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Reads 16 hexadecimal digits.</summary>
    public static bool TryParse(string? text, out NodeId id)
    {
        var ok = ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value != 0;
        id = new NodeId(ok ? value : 0);
        return ok;
    }
}
