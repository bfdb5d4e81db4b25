using System.Globalization;
using ShardConsole.ControlPlane.Dashboard;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.Webhooks.Core;

/// <summary>What webhooks remember of the past. Kept as JSON, append-only.</summary>
/// <param name="Audit">The last row of the audit that was looked at; -1 before the first look.</param>
/// <param name="Away">Nodes that are away, by name, and since when (real time).</param>
/// <param name="Lost">Nodes that were told as lost.</param>
/// <param name="SkillLost">Whether it was told that the forecast lost its skill.</param>
internal sealed record WebhookMemory(long Audit, IReadOnlyDictionary<string, DateTimeOffset> Away, IReadOnlyList<string> Lost, bool SkillLost)
{
    /// <summary>Before the first look.</summary>
    public static readonly WebhookMemory Fresh = new(-1, new Dictionary<string, DateTimeOffset>(), [], false);
}

/// <summary>How the cluster stands.</summary>
/// <param name="Away">Names of members that neither answer nor report.</param>
/// <param name="Skill">1 − error ÷ error of repeating yesterday, one hour ahead; null or NaN while unknown.</param>
internal sealed record WebhookSight(IReadOnlyList<string> Away, double? Skill);

/// <summary>Finds what webhooks tell of: in the rows of the audit, and in how the cluster stands now against what was told before.</summary>
internal static class EventFinder
{
    private const string System = "system";

    /// <summary>What a row of the audit tells of; null where webhooks do not tell it.</summary>
    public static WebhookEvent? Of(AuditRow row)
    {
        var plan = row.Plan.Length >= 4 ? row.Plan[..4] : row.Plan;
        var (kind, title) = row.Action switch
        {
            "plan-proposed" => (WebhookKinds.PlanProposed, $"Plan {plan} waits for a decision"),
            "plan-stale" => (WebhookKinds.PlanStale, $"Plan {plan} went stale"),
            "plan-approved" => (WebhookKinds.PlanApproved, $"Plan {plan} was approved"),
            "plan-scheduled" => (WebhookKinds.PlanApproved, $"Plan {plan} was approved for later"),
            "move-ended" when !row.Detail.EndsWith(": done", StringComparison.Ordinal) => (WebhookKinds.MigrationFailed, $"{Sentence(row.Subject)} of plan {plan} did not end as planned"),
            _ => ("", ""),
        };
        return kind.Length == 0 ? null
            : new WebhookEvent(kind, row.At, title, row.Detail, row.By, row.Subject, row.Plan, kind == WebhookKinds.MigrationFailed ? $"{Urls.Migrations}?state=failed" : Urls.Plan(row.Plan));
    }

    /// <summary>What has come to be since <paramref name="before"/>, and what is to be remembered. A node counts as lost when it was away for as long as the options say.</summary>
    public static (IReadOnlyList<WebhookEvent> Events, WebhookMemory After) Of(WebhookSight sight, WebhookMemory before, DateTimeOffset now, WebhookOptions options)
    {
        var events = new List<WebhookEvent>();
        var away = sight.Away.Distinct().Order(StringComparer.Ordinal).ToDictionary(n => n, n => before.Away.TryGetValue(n, out var since) ? since : now);
        var lost = away.Where(n => before.Lost.Contains(n.Key) || now - n.Value >= TimeSpan.FromSeconds(options.NodeLostSeconds)).Select(n => n.Key).ToList();
        foreach (var node in lost.Except(before.Lost))
        {
            events.Add(new WebhookEvent(
                WebhookKinds.NodeLost, now, $"Node {node} is lost", $"It neither answers nor reports since {away[node]:u}.", System, node, "", Urls.Node(node)));
        }

        var skillLost = before.SkillLost;
        if (sight.Skill is { } skill && double.IsFinite(skill))
        {
            // Told again only after it was really better in between: a skill that hovers around the limit is one event.
            skillLost = before.SkillLost ? skill <= 0 : skill < -options.SkillMargin;
            if (skillLost && !before.SkillLost)
            {
                events.Add(new WebhookEvent(
                    WebhookKinds.SkillLost, now, "The forecast lost its skill",
                    string.Create(CultureInfo.InvariantCulture, $"One hour ahead it is worse than repeating yesterday (skill {skill:0.00}); planning goes by measured load until it is better."),
                    System, "forecast", "", Urls.Quality));
            }
        }

        return (events, before with { Away = away, Lost = lost, SkillLost = skillLost });
    }

    private static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
