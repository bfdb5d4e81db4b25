using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.ControlPlane.Dashboard.Settings;

/// <summary>
/// Settings while they are edited: what is typed, what is wrong with it, and the values that would be saved. Ratios are typed in percent and
/// bytes in megabytes. Pure; used on one circuit.
/// </summary>
internal sealed class SettingsForm
{
    private const double Mega = 1_000_000;
    private readonly Dictionary<string, string> typed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> wrong = new(StringComparer.Ordinal);
    private readonly JsonObject values;

    public SettingsForm(SettingsView view)
    {
        View = view;
        values = JsonSerializer.SerializeToNode(view.Values, SettingsJson.Options)!.AsObject();
        Windows = view.Values.Windows;
        Policies = view.Values.Policies;
        Constraints = view.Values.Constraints;
    }

    /// <summary>What is edited; its ETag is quoted when it is saved.</summary>
    public SettingsView View { get; }

    /// <summary>Windows as they would be saved.</summary>
    public IReadOnlyList<WindowRule> Windows { get; set; }

    /// <summary>Policies as they would be saved, in the order in which they are asked.</summary>
    public IReadOnlyList<AutoApplyPolicy> Policies { get; set; }

    /// <summary>Constraints as they would be saved.</summary>
    public IReadOnlyList<ConstraintRule> Constraints { get; set; }

    /// <summary>The values that would be saved. Fields that cannot be read keep their old values.</summary>
    public SettingsValues Values => values.Deserialize<SettingsValues>(SettingsJson.Options)! with { Windows = Windows, Policies = Policies, Constraints = Constraints };

    /// <summary>What cannot be read or is out of range, by field.</summary>
    public IReadOnlyDictionary<string, string> Wrong => wrong;

    /// <summary>How many fields, windows, policies and constraints differ from what is in force.</summary>
    public int Changes => View.Fields.Count(IsChanged) + Differing(View.Values.Windows, Windows, w => w.Name) + Differing(View.Values.Policies, Policies, p => p.Name)
        + Differing(View.Values.Constraints, Constraints, c => c.Name);

    /// <summary>The unit in which a field is typed.</summary>
    public static string UnitOf(SettingField field) => field.Kind switch { "bytes" => "MB", "ratio" => "% " + field.Unit, _ => field.Unit };

    /// <summary>What stands in a field: what was typed, or the value in force.</summary>
    public string TextOf(SettingField field) => typed.TryGetValue(field.Name, out var text) ? text : Shown(field, Raw(field.Name));

    /// <summary>Default and limits of a field, for reading: "default 250 mcore · 1 to 1 000 000".</summary>
    public static string RangeOf(SettingField field)
    {
        if (field.Kind is "switch" or "word")
        {
            return $"default {field.Default}";
        }

        string Said(double value) => field.Kind == "bytes" ? Show.Bytes(value) : field.Kind == "ratio" ? Shown(field, value.ToString("R", CultureInfo.InvariantCulture)) : Show.Number(value);
        var usual = double.TryParse(field.Default, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Said(number) : field.Default;
        return $"default {usual}{(field.Kind == "bytes" ? "" : $" {UnitOf(field)}")} · {Said(field.Min)} to {Said(field.Max)}";
    }

    /// <summary>A limit of a field, as it is typed.</summary>
    public static string Bound(SettingField field, double bound) => Shown(field, bound.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>Whether a switch is on.</summary>
    public bool IsOn(SettingField field) => Raw(field.Name) == "true";

    /// <summary>Whether a field differs from what is in force.</summary>
    public bool IsChanged(SettingField field) => wrong.ContainsKey(field.Name) || Raw(field.Name) != RawIn(field.Name);

    /// <summary>Takes what was typed. What cannot be read, or is out of range, is kept as typed and named in <see cref="Wrong"/>.</summary>
    public void Set(SettingField field, string text)
    {
        typed[field.Name] = text;
        wrong.Remove(field.Name);
        switch (field.Kind)
        {
            case "switch":
                values[field.Name] = text == "true";
                break;
            case "word":
                values[field.Name] = text;
                break;
            default:
                SetNumber(field, text);
                break;
        }
    }

    private void SetNumber(SettingField field, string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            wrong[field.Name] = $"“{text}” is no number.";
            return;
        }

        var value = number * Factor(field);
        var whole = field.Kind is "whole" or "bytes";
        if (!(value >= field.Min && value <= field.Max) || (field.Kind == "whole" && number != Math.Floor(number)))
        {
            wrong[field.Name] = $"Use {(field.Kind == "whole" ? "a whole number" : "a number")} from {Bound(field, field.Min)} to {Bound(field, field.Max)} {UnitOf(field)}.";
            return;
        }

        values[field.Name] = whole ? JsonValue.Create((long)Math.Round(value)) : JsonValue.Create(Math.Round(value, 9));
    }

    private string Raw(string name) => RawOf(values[name]);

    private string RawIn(string name) => RawOf(JsonSerializer.SerializeToNode(View.Values, SettingsJson.Options)![name]);

    private static string RawOf(JsonNode? node) => node is null ? "" : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();

    private static string Shown(SettingField field, string raw) =>
        Factor(field) != 1 && double.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? Math.Round(value / Factor(field), value >= Mega ? 3 : 6).ToString("R", CultureInfo.InvariantCulture) : raw;

    private static double Factor(SettingField field) => field.Kind switch { "bytes" => Mega, "ratio" => 0.01, _ => 1 };

    private static int Differing<T>(IReadOnlyList<T> before, IReadOnlyList<T> after, Func<T, string> name) =>
        before.Select(name).Union(after.Select(name)).Count(n => JsonSerializer.Serialize(before.Where(x => name(x) == n), SettingsJson.Options) != JsonSerializer.Serialize(after.Where(x => name(x) == n), SettingsJson.Options));
}
