using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Settings.Core;

/// <summary>Settings as they are kept: only what differs from the options of the start, so that those still count where nobody said otherwise. Persisted, append-only names.</summary>
internal static class SettingsJson
{
    /// <summary>CamelCase names, words for enumerations.</summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) }, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>What of <paramref name="values"/> differs from <paramref name="start"/>.</summary>
    public static string Differences(SettingsValues start, SettingsValues values)
    {
        var (old, now) = (Node(start), Node(values));
        return new JsonObject(now.Where(p => !JsonNode.DeepEquals(p.Value, old[p.Key])).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))).ToJsonString(Options);
    }

    /// <summary>The values of the start with the kept differences. A name that this version does not know is left out.</summary>
    public static SettingsValues Merge(SettingsValues start, string differences) => Overlay(start, JsonNode.Parse(differences)!.AsObject());

    /// <summary>
    /// Takes a version's change back: every name that differs between <paramref name="before"/> and <paramref name="changed"/> is again as before. Null where
    /// <paramref name="now"/> says something else than <paramref name="changed"/> for one of them: a later version has changed it again.
    /// </summary>
    public static SettingsValues? Undo(SettingsValues before, SettingsValues changed, SettingsValues now)
    {
        var (old, then, present) = (Node(before), Node(changed), Node(now));
        var names = then.Where(p => !JsonNode.DeepEquals(p.Value, old[p.Key])).Select(p => p.Key).ToList();
        return names.Exists(n => !JsonNode.DeepEquals(present[n], then[n])) ? null
            : Overlay(now, new JsonObject(names.Select(n => KeyValuePair.Create(n, old[n]?.DeepClone()))));
    }

    /// <summary>A copy of options with some values replaced: what this folder does not know of them stays.</summary>
    public static T With<T>(T options, IReadOnlyDictionary<string, object> values)
    {
        var node = JsonSerializer.SerializeToNode(options, Options)!.AsObject();
        foreach (var (name, value) in values)
        {
            node[JsonNamingPolicy.CamelCase.ConvertName(name)] = JsonSerializer.SerializeToNode(value, Options);
        }

        return node.Deserialize<T>(Options)!;
    }

    private static JsonObject Node(SettingsValues values) => JsonSerializer.SerializeToNode(values, Options)!.AsObject();

    private static SettingsValues Overlay(SettingsValues values, JsonObject over)
    {
        var node = Node(values);
        foreach (var (name, value) in over.Where(p => node.ContainsKey(p.Key)))
        {
            node[name] = value?.DeepClone();
        }

        return node.Deserialize<SettingsValues>(Options)!;
    }
}
