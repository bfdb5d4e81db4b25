using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Dashboard.Members;

/// <summary>Members in words.</summary>
internal static class MemberWords
{
    /// <summary>The answer line: what is wrong first, then what is under way.</summary>
    public static string Answer(IReadOnlyList<MemberRow> members)
    {
        var all = members.Where(m => m.Stage is not (MemberStage.Joining or MemberStage.Left)).ToList();
        List<string> parts = [];
        Add(all.Where(m => m.State is "dead" or "unknown"), "is away", "are away");
        Add(all.Where(m => m.State == "suspect" || (m.State == "alive" && m.SuspectedBy.Count > 0)), "is suspected", "are suspected");
        parts.AddRange(all.Where(m => m.Progress is not null).Select(m => m.Stage == MemberStage.Drained ? $"{m.Name} is empty and may leave" : Progress(m)));
        Add(all.Where(m => m.Stage == MemberStage.Empty), "holds nothing yet: give it its share", "hold nothing yet: give them their share");
        Add(members.Where(m => m.Stage == MemberStage.Joining), "joins", "join");
        return parts.Count > 0 ? string.Join("; ", parts) + "."
            : all.Count == 0 ? "No node has reported yet." : $"All {all.Count} members are alive, nobody suspects anybody, and nothing is being moved.";

        void Add(IEnumerable<MemberRow> some, string one, string many)
        {
            var names = some.Select(m => m.Name).ToList();
            if (names.Count > 0)
            {
                parts.Add($"{string.Join(", ", names)} {(names.Count == 1 ? one : many)}");
            }
        }
    }

    /// <summary>"n3 is being emptied: 4 of 9 groups done".</summary>
    public static string Progress(MemberRow m) => m.Progress is { } p
        ? $"{m.Name} is being {(p.What == "drain" ? "emptied" : "filled")}: {p.Done} of {Show.Of(p.Groups, "group")} done{(p.ThenLeave ? ", leaves then" : "")}"
        : "";

    /// <summary>Word and tone of a chip.</summary>
    public static (string Text, string Tone) Chip(MemberRow m) => m switch
    {
        { Stage: MemberStage.Joining } => ("joining", "accent"),
        { Stage: MemberStage.Left } => ("has left", "plain"),
        { State: "dead" } => ("dead", "err"),
        { State: "unknown" } => ("unknown", "warn"),
        { State: "suspect" } => ("suspect", "warn"),
        { Stage: MemberStage.Drained } => ("empty, may leave", "accent"),
        { Stage: MemberStage.Draining } => ("draining", "accent"),
        { Stage: MemberStage.Filling } => ("filling", "accent"),
        { Stage: MemberStage.Empty } => ("holds nothing", "warn"),
        _ => ("alive", "ok"),
    };

    /// <summary>A phase of a change of replicas.</summary>
    public static string Label(ReplicaPhase phase) => phase switch
    {
        ReplicaPhase.CatchingUp => "Catching up",
        _ => phase.ToString(),
    };

    /// <summary>"n1 → n4", "+ n4", "− n1".</summary>
    public static string FromTo(ReplicaChangeRow c) =>
        c.From.Count == 0 ? $"+ {string.Join(", ", c.To)}" : c.To.Count == 0 ? $"− {string.Join(", ", c.From)}" : $"{string.Join(", ", c.From)} → {string.Join(", ", c.To)}";
}
