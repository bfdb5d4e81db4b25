using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShardConsole.Shared.Cluster;

/// <summary>Writes a segment as a JSON number.</summary>
public sealed class SegmentIdJsonConverter : JsonConverter<SegmentId>
{
    /// <inheritdoc/>
    public override SegmentId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetUInt16());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SegmentId value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}

/// <summary>Writes a shard as "s-07".</summary>
public sealed class ShardIdJsonConverter : JsonConverter<ShardId>
{
    /// <inheritdoc/>
    public override ShardId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? new ShardId(reader.GetUInt16())
        : ShardId.TryParse(reader.GetString(), out var id) ? id
        : throw new JsonException("A shard is written as \"s-07\".");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ShardId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>Writes a node as 16 hexadecimal digits; the absent node as an empty string.</summary>
public sealed class NodeIdJsonConverter : JsonConverter<NodeId>
{
    /// <inheritdoc/>
    public override NodeId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        return string.IsNullOrEmpty(text) ? default
            : NodeId.TryParse(text, out var id) ? id
            : throw new JsonException("A node is written as 16 hexadecimal digits.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, NodeId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.IsNone ? "" : value.ToString());
}

/// <summary>Writes a group as "meta" or as its shard, "s-07".</summary>
public sealed class GroupIdJsonConverter : JsonConverter<GroupId>
{
    /// <inheritdoc/>
    public override GroupId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        GroupId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("A group is written as \"meta\" or \"s-07\".");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, GroupId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
