using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Dashboard.Integrity;

/// <summary>What a shard's copies are known to be.</summary>
public enum CopyState
{
    /// <summary>Compared lately, all the same.</summary>
    Equal,

    /// <summary>All the same, at a comparison that is older than two periods or whose next is overdue.</summary>
    Old,

    /// <summary>They differed, and were repaired.</summary>
    Repaired,

    /// <summary>They differ, or could not be compared with all.</summary>
    Wrong,

    /// <summary>Never compared since the nodes started.</summary>
    Unknown,
}

/// <summary>Integrity in words.</summary>
internal static class IntegrityWords
{
    /// <summary>From when on a comparison without a next one is old.</summary>
    private static readonly TimeSpan OldAfter = TimeSpan.FromHours(2);

    /// <summary>What is known of a shard.</summary>
    /// <param name="now">Real time.</param>
    public static CopyState Of(ShardIntegrityRow shard, DateTimeOffset now) => shard.Last switch
    {
        null => CopyState.Unknown,
        { Outcome: CheckOutcome.Unrepaired or CheckOutcome.Incomplete or CheckOutcome.HandedOver } => CopyState.Wrong,
        { Outcome: CheckOutcome.Repaired } => CopyState.Repaired,
        { } last => now - last.EndedAt > OldAfter ? CopyState.Old : CopyState.Equal,
    };

    /// <summary>The answer line.</summary>
    public static string Answer(IntegrityView view, DateTimeOffset now)
    {
        if (view.Shards.Count == 0)
        {
            return "No shard is known yet.";
        }

        List<string> wrong = [];
        Add(view.Shards.Count(s => s.Last?.Outcome == CheckOutcome.Unrepaired), "shard differs and could not be repaired", "shards differ and could not be repaired");
        Add(view.Orphans.Count, "orphan segment is held", "orphan segments are held");
        Add(view.Maps.Count, "member has another map", "members have another map");
        Add(view.Shards.Count(s => s.Last?.Outcome is CheckOutcome.Incomplete or CheckOutcome.HandedOver), "shard was not compared with all its replicas", "shards were not compared with all their replicas");
        var compared = view.Shards.Where(s => s.Last is not null).ToList();
        var running = view.Shards.Count(s => s.Step.Length > 0);
        var rest = compared.Count == 0 ? "No shard was compared since the nodes started"
            : $"{(compared.Count == view.Shards.Count ? $"All {view.Shards.Count} shards" : $"{compared.Count} of {view.Shards.Count} shards")} were compared, the longest ago {Show.Duration(now - compared.Min(s => s.Last!.EndedAt))} ago";
        var repaired = view.Repaired > 0 ? $"; {Show.Of(view.Repaired, "bucket")} repaired since the nodes started" : "";
        return wrong.Count > 0 ? $"{Show.Sentence(string.Join(", ", wrong))}. {rest}{repaired}."
            : $"{rest}{(compared.Count > 0 && compared.TrueForAll(s => s.Last!.Outcome == CheckOutcome.Equal) ? ", all copies equal" : "")}{repaired}{(running > 0 ? $"; {running} are being compared now" : "")}.";

        void Add(int count, string one, string many)
        {
            if (count > 0)
            {
                wrong.Add(Show.Of(count, one, many));
            }
        }
    }

    /// <summary>Word and tone of a comparison's outcome.</summary>
    public static (string Text, string Tone) Chip(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Equal => ("equal", "ok"),
        CheckOutcome.Repaired => ("repaired", "warn"),
        CheckOutcome.Unrepaired => ("not repaired", "err"),
        CheckOutcome.HandedOver => ("handed over", "warn"),
        _ => ("incomplete", "warn"),
    };

    /// <summary>A state in words, for legend and screen readers.</summary>
    public static string Label(CopyState state) => state switch
    {
        CopyState.Equal => "equal",
        CopyState.Old => "equal, compared more than two hours ago",
        CopyState.Repaired => "differed, repaired",
        CopyState.Wrong => "differs, or not compared with all",
        _ => "not compared yet",
    };
}
