using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Dashboard.Text;

/// <summary>Words for the values of enumerations. <see cref="Shared.Plans.MigrationPhases.Label"/> has those of the phases.</summary>
internal static class Labels
{
    /// <summary>Label of a plan's state.</summary>
    public static string Label(this PlanState state) => state == PlanState.NothingToDo ? "Nothing to do" : state.ToString();

    /// <summary>CSS class of a plan's state: which of the few meanings of colour it has.</summary>
    public static string Tone(this PlanState state) => state switch
    {
        PlanState.Proposed or PlanState.Stale => "warn",
        PlanState.Approved or PlanState.Scheduled or PlanState.Running => "accent",
        PlanState.Done => "ok",
        PlanState.Halted or PlanState.Failed => "err",
        _ => "plain",
    };

    /// <summary>An action of the audit in words: "plan-approved" is "Plan approved".</summary>
    public static string Action(string action) => Show.Sentence(action.Replace('-', ' ').Replace("key ", "API key ", StringComparison.Ordinal));

    /// <summary>Name of a metric for people.</summary>
    public static string Label(this LoadMetric metric) => metric switch
    {
        LoadMetric.Cpu => "CPU",
        LoadMetric.BytesIn => "Bytes in",
        LoadMetric.BytesOut => "Bytes out",
        LoadMetric.FollowerCpu => "Follower CPU",
        LoadMetric.DataBytes => "Data",
        _ => metric.ToString(),
    };

    /// <summary>Unit of a metric's values.</summary>
    public static string Unit(this LoadMetric metric) => metric switch
    {
        LoadMetric.Cpu or LoadMetric.FollowerCpu => "mcore",
        LoadMetric.Reads or LoadMetric.Writes => "ops/s",
        LoadMetric.BytesIn or LoadMetric.BytesOut => "B/s",
        LoadMetric.Keys => "keys",
        _ => "B",
    };

    /// <summary>Beginning of a plan's hash, by which people name it: "7c1e".</summary>
    public static string ShortId(string planId) => planId.Length > 4 ? planId[..4] : planId;

    /// <summary>"7c1e94d0…5b2a".</summary>
    public static string HashExtract(string hash) => hash.Length > 13 ? string.Concat(hash.AsSpan(0, 8), "…", hash.AsSpan(hash.Length - 4)) : hash;
}
