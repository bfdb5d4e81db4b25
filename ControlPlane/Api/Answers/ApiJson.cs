using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShardConsole.ControlPlane.Api.Answers;

/// <summary>JSON of REST and of the hub: camelCase, words for states, null for what is unknown.</summary>
internal static class ApiJson
{
    /// <summary>Sets the options up.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new DoubleOrNullConverter());
        options.Converters.Add(new FloatOrNullConverter());
        options.Converters.Add(new JsonStringEnumConverter());
    }

    /// <summary>Writes null for NaN and infinity, which JSON has no word for; reads null as NaN.</summary>
    internal sealed class DoubleOrNullConverter : JsonConverter<double>
    {
        /// <inheritdoc/>
        public override bool HandleNull => true;

        /// <inheritdoc/>
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }

    /// <inheritdoc cref="DoubleOrNullConverter"/>
    internal sealed class FloatOrNullConverter : JsonConverter<float>
    {
        /// <inheritdoc/>
        public override bool HandleNull => true;

        /// <inheritdoc/>
        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? float.NaN : reader.GetSingle();

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
        {
            if (float.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
