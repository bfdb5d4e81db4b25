using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ShardConsole.NodeAgent.Admin;

/// <summary>Bodies of the admin port: JSON with web defaults. What cannot be read is answered as a problem that names the field.</summary>
internal static class AdminJson
{
    /// <summary>Largest body, bytes.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        MaxDepth = 16,
    };

    /// <summary>Reads a body.</summary>
    /// <returns>The value, or the answer that says what is wrong: 400, or 413 where the body is too large.</returns>
    public static async Task<(T? Value, IResult? Refusal)> ReadAsync<T>(HttpRequest request)
        where T : class
    {
        var buffer = new byte[MaxBodyBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
        if (length > MaxBodyBytes)
        {
            return (null, Results.Problem($"The body is larger than {MaxBodyBytes} bytes.", statusCode: StatusCodes.Status413PayloadTooLarge));
        }

        return TryRead<T>(buffer.AsMemory(0, length), out var value, out var field, out var problem) ? (value, null) : (null, Invalid(field, problem));
    }

    /// <summary>400 that names one field.</summary>
    public static IResult Invalid(string field, string problem) =>
        Results.ValidationProblem(new Dictionary<string, string[]> { [field] = [problem] }, $"{field}: {problem}");

    private static bool TryRead<T>(
        ReadOnlyMemory<byte> json, [NotNullWhen(true)] out T? value, out string field, out string problem)
        where T : class
    {
        value = null;
        field = "body";
        problem = "A JSON object is needed.";
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Options.MaxDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            if (Options.GetTypeInfo(typeof(T)).Properties.FirstOrDefault(p => p.IsRequired && !Has(document.RootElement, p.Name)) is { } missing)
            {
                field = missing.Name;
                problem = "The field is missing.";
                return false;
            }

            value = document.Deserialize<T>(Options);
            return value is not null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // A converter that meets a value of another kind or range throws one of the latter two inside.
            field = (e as JsonException)?.Path is { Length: > 2 } path ? path[2..] : "body";
            problem = "The value cannot be read: " + e.Message;
            return false;
        }
    }

    private static bool Has(JsonElement element, string name) =>
        element.EnumerateObject().Any(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));
}
