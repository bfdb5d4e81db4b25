using System.Globalization;
using System.Text.Json;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Planning;

namespace ShardConsole.ControlPlane.Settings.Core;

/// <summary>All settings that may be changed: what they are called, their ranges, what they change. What is not here is an option of the start.</summary>
internal static class SettingsCatalog
{
    /// <summary>Most windows.</summary>
    public const int MaxWindows = 50;

    /// <summary>Most policies.</summary>
    public const int MaxPolicies = 50;

    /// <summary>Most constraints.</summary>
    public const int MaxConstraints = 200;

    private const double Large = 1e15;
    private static readonly string[] KnownKinds = ["load", "reactive", "membership"];
    private static readonly JsonSerializerOptions Json = SettingsJson.Options;

    private static readonly SettingField[] Fields =
    [
        Number("thresholdMillicores", "Planning", "Sharding threshold", "mcore", "number", 1, 1e6, "A shard that is predicted to need more is relieved by the next plan."),
        Number("comfortZone", "Planning", "Comfort zone", "of capacity", "ratio", 0.05, 1, "A node that is predicted to use more of its capacity is relieved by the next plan."),
        Number("quantile", "Planning", "Quantile of the forecast", "of what may come", "ratio", 0.5, 0.99,
            "Plans are made for a load that is exceeded that seldom: 90 % for one that comes one time in ten. Higher moves more and earlier, 50 % plans for what is expected."),
        Number("horizonHours", "Planning", "Planning horizon", "h", "number", 1, 48,
            "Load further ahead is not planned for. Beyond 24 h, where forecasts end, the same hours of the day before are taken to come again with a wider spread; announced events there are not seen."),
        Number("planMaxMoves", "Planning", "Moves in a plan", "moves", "whole", 1, 1024, "A plan stops there, even where load is left over a limit."),
        Number("planMaxBytes", "Planning", "Bytes in a plan", "bytes", "bytes", 1, Large, "A plan stops there, even where load is left over a limit."),
        Number("minGainMinutes", "Planning", "Least gain", "min", "number", 0, 1e6, "A plan that saves fewer minutes over the limits is not proposed."),
        Number("hysteresis", "Planning", "Hysteresis", "of the limit", "ratio", 0, 0.5, "Who is relieved is relieved to this much below the limit, and no target is filled above that."),
        Number("coolDownMinutes", "Planning", "Rest after a move", "min", "number", 0, 1e5, "A moved segment does not move again before."),
        Number("returnCoolDownMinutes", "Planning", "Rest before a return", "min", "number", 0, 1e5, "A moved segment does not go back before."),
        Number("forecastTolerance", "Planning", "Tolerance of the forecast", "of the threshold", "ratio", 0.01, 10,
            "A plan is stale when the forecast of a shard that it relieves has fallen by more, or that of one that takes on has risen by more."),
        Switch("planAfterForecast", "Approval", "Plan after each forecast", "Off: plans are made only when somebody asks."),
        Switch("autoApply", "Approval", "Policies may approve", "Off: no policy approves anything, whatever the policies say."),
        new("fourEyes", "Approval", "Four eyes", "", "word", 0, 0, [.. Enum.GetNames<FourEyes>().Select(n => n.ToLowerInvariant())], "",
            "Where it asks for it, a plan needs two people: one who asks for it and another who approves. Policies do not approve such plans.", false),
        Number("fourEyesAboveMoves", "Approval", "Large above", "moves", "whole", 0, 1024, "With \"large\": plans with more moves need two people."),
        Number("fourEyesAboveBytes", "Approval", "Large above", "bytes", "bytes", 0, Large, "With \"large\": plans that copy more need two people."),
        Number("movesPerNode", "Rollout", "Moves per node", "moves", "whole", 1, 64, "A move waits while this many others read from or write to one of its nodes."),
        Number("backOffP99Ms", "Rollout", "Back off above", "ms", "number", 0, 60_000, "No further move starts while the clients' 99th percentile is above; 0 is off."),
        Number("expireMinutes", "Rollout", "Expiry of a schedule", "min", "number", 1, 10_080, "A scheduled plan that could not begin so long after its time expires."),
    ];

    /// <summary>All fields with the values of <paramref name="start"/> as defaults.</summary>
    public static IReadOnlyList<SettingField> Describe(SettingsValues start, SettingsValues now)
    {
        var (defaults, present) = (Texts(start), Texts(now));
        return [.. Fields.Select(f => f with { Default = defaults[f.Name], ChangedHere = defaults[f.Name] != present[f.Name] })];
    }

    /// <summary>What is wrong, by field; empty when all can be used.</summary>
    public static IReadOnlyDictionary<string, string[]> Problems(SettingsValues values)
    {
        var problems = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        var numbers = JsonSerializer.SerializeToElement(values, Json);
        foreach (var field in Fields.Where(f => f.Kind is not ("switch" or "word")))
        {
            // What is not finite is written as its name.
            var number = numbers.GetProperty(field.Name);
            var value = number.ValueKind == JsonValueKind.Number ? number.GetDouble() : double.NaN;
            if (!(value >= field.Min && value <= field.Max))
            {
                problems[field.Name] = [string.Create(CultureInfo.InvariantCulture, $"{value} is outside {field.Min}..{field.Max} {field.Unit}.")];
            }
        }

        if (values.Windows.Count > MaxWindows || values.Windows.Select(WindowProblem).FirstOrDefault(p => p is not null) is not null || Repeated(values.Windows.Select(w => w.Name)) is not null)
        {
            problems["windows"] = [values.Windows.Count > MaxWindows ? $"There are {values.Windows.Count}, at most {MaxWindows} are kept."
                : values.Windows.Select(WindowProblem).FirstOrDefault(p => p is not null) ?? $"\"{Repeated(values.Windows.Select(w => w.Name))}\" is there twice."];
        }

        var policyProblem = values.Policies.Count > MaxPolicies ? $"There are {values.Policies.Count}, at most {MaxPolicies} are kept."
            : values.Policies.Select(p => PolicyProblem(p, values.Windows)).FirstOrDefault(p => p is not null)
            ?? (Repeated(values.Policies.Select(p => p.Name)) is { } twice ? $"\"{twice}\" is there twice." : null);
        if (policyProblem is not null)
        {
            problems["policies"] = [policyProblem];
        }

        var constraintProblem = values.Constraints.Count > MaxConstraints ? $"There are {values.Constraints.Count}, at most {MaxConstraints} are kept."
            : values.Constraints.Select(ConstraintRules.Problem).FirstOrDefault(p => p is not null)
            ?? (Repeated(values.Constraints.Select(c => c.Name)) is { } same ? $"\"{same}\" is there twice." : null);
        if (constraintProblem is not null)
        {
            problems["constraints"] = [constraintProblem];
        }

        return problems;
    }

    /// <summary>What differs, "thresholdMillicores: 250 → 200"; windows, policies and constraints by name.</summary>
    public static IReadOnlyList<string> Changes(SettingsValues before, SettingsValues after)
    {
        var (old, now) = (Texts(before), Texts(after));
        return
        [
            .. Fields.Where(f => old[f.Name] != now[f.Name]).Select(f => $"{f.Name}: {old[f.Name]} → {now[f.Name]}"),
            .. Changed("window", before.Windows.ToDictionary(w => w.Name, Text), after.Windows.ToDictionary(w => w.Name, Text)),
            .. Changed("constraint", before.Constraints.ToDictionary(c => c.Name, Text), after.Constraints.ToDictionary(c => c.Name, Text)),
            .. Changed("policy", before.Policies.ToDictionary(p => p.Name, Text), after.Policies.ToDictionary(p => p.Name, Text)),
        ];
    }

    /// <summary>What is wrong with a policy, "field: problem"; null when it can be used.</summary>
    public static string? PolicyProblem(AutoApplyPolicy policy, IReadOnlyList<WindowRule> windows) =>
        string.IsNullOrWhiteSpace(policy.Name) || policy.Name.Length > 64 ? "name: 1 to 64 characters."
        : policy.MaxMoves is < 0 or > 1024 ? $"maxMoves: {policy.MaxMoves} is outside 0..1024."
        : policy.MaxBytes < 0 ? $"maxBytes: {policy.MaxBytes} is negative."
        : policy.MinConfidence is not (>= 0 and <= 1) ? $"minConfidence: {policy.MinConfidence} is outside 0..1."
        : policy.MinGainMinutes is not >= 0 ? $"minGainMinutes: {policy.MinGainMinutes} is negative."
        : policy.Kinds?.FirstOrDefault(k => !KnownKinds.Contains(k)) is { } kind ? $"kinds: \"{kind}\" is none of {string.Join(", ", KnownKinds)}."
        : policy.Actions?.FirstOrDefault(a => !PlanActions.All.Contains(a)) is { } action ? $"actions: \"{action}\" is none of {string.Join(", ", PlanActions.All)}."
        : policy.Window.Length > 0 && windows.All(w => w.Name != policy.Window || w.Kind != WindowKind.Maintenance) ? $"window: there is no maintenance window \"{policy.Window}\"."
        : null;

    private static string? WindowProblem(WindowRule window) =>
        string.IsNullOrWhiteSpace(window.Name) || window.Name.Length > 64 ? "A window's name has 1 to 64 characters."
        : WindowCalendar.Zone(window.TimeZone) is null ? $"{window.Name}: \"{window.TimeZone}\" is no time zone; use an IANA name such as Europe/Berlin."
        : window.Days.Count > 7 || window.Days.Any(d => !Enum.IsDefined(d)) ? $"{window.Name}: name each day of the week once."
        : !Enum.IsDefined(window.Kind) ? $"{window.Name}: kind is none of maintenance, freeze."
        : window.FirstDay > window.LastDay ? $"{window.Name}: firstDay {window.FirstDay:O} is after lastDay {window.LastDay:O}."
        : null;

    private static string? Repeated(IEnumerable<string> names) => names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;

    private static Dictionary<string, string> Texts(SettingsValues values) => JsonSerializer.SerializeToElement(values, Json).EnumerateObject()
        .Where(p => p.Value.ValueKind is not JsonValueKind.Array).ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText());

    private static string Text<T>(T part) => JsonSerializer.Serialize(part, Json);

    private static IEnumerable<string> Changed(string what, Dictionary<string, string> before, Dictionary<string, string> after) => before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
        .Where(k => before.GetValueOrDefault(k) != after.GetValueOrDefault(k))
        .Select(k => $"{what} \"{k}\": {(before.ContainsKey(k) ? after.ContainsKey(k) ? "changed to " + after[k] : "removed" : "added as " + after[k])}");

    private static SettingField Number(string name, string group, string label, string unit, string kind, double min, double max, string effect) =>
        new(name, group, label, unit, kind, min, max, [], "", effect, false);

    private static SettingField Switch(string name, string group, string label, string effect) => new(name, group, label, "", "switch", 0, 1, [], "", effect, false);
}
