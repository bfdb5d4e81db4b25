namespace ShardConsole.ControlPlane.Webhooks.Core;

/// <summary>The kinds of events that a webhook can ask for. Persisted and sent, append-only, never rename.</summary>
internal static class WebhookKinds
{
    public const string PlanProposed = "plan-proposed";
    public const string PlanStale = "plan-stale";
    public const string PlanApproved = "plan-approved";
    public const string MigrationFailed = "migration-failed";
    public const string NodeLost = "node-lost";
    public const string SkillLost = "skill-lost";

    /// <summary>Sent by hand only; every webhook gets it.</summary>
    public const string Test = "test";

    /// <summary>All that can be asked for, with words for people.</summary>
    public static readonly IReadOnlyList<(string Kind, string Words)> All =
    [
        (PlanProposed, "A plan is proposed"), (PlanStale, "A plan went stale"), (PlanApproved, "A plan is approved or scheduled"),
        (MigrationFailed, "A migration did not end as planned"), (NodeLost, "A node is lost"), (SkillLost, "The forecast lost its skill"),
    ];

    /// <summary>Words of a kind; the kind itself where it is not known.</summary>
    public static string WordsOf(string kind) => kind == Test ? "A test" : All.FirstOrDefault(k => k.Kind == kind).Words ?? kind;

    /// <summary>Whether a webhook can ask for it.</summary>
    public static bool IsKind(string kind) => All.Any(k => k.Kind == kind);
}
