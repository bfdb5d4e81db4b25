using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Shared.Plans;

/// <summary>One segment from one shard to another.</summary>
/// <param name="Number">1-based place in the plan; with the plan's hash it is the move's id.</param>
/// <param name="Segment">What moves.</param>
/// <param name="From">Owner when the plan was made: a precondition.</param>
/// <param name="To">The new owner.</param>
/// <param name="PeakMillicores">Predicted peak load score of the segment in the horizon, mcore.</param>
/// <param name="Bytes">Bytes to copy, estimated.</param>
/// <param name="Reason">Why it moves, and why there; one sentence each.</param>
/// <param name="StartAt">When it is to begin where the plan is carried out in its own time, model time; null: with the plan. In the hash only where it is there.</param>
public sealed record Move(int Number, SegmentId Segment, ShardId From, ShardId To, double PeakMillicores, long Bytes, string Reason, DateTimeOffset? StartAt = null);

/// <summary>Identity of a move: the meta group accepts each one once.</summary>
public readonly record struct MoveId(string PlanHash, int Number)
{
    /// <summary>"7c1e…:3".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PlanHash}:{Number}");
}

/// <summary>A candidate that was looked at and not taken, and why.</summary>
public sealed record Refusal(SegmentId Segment, ShardId From, ShardId? To, string Reason);

/// <summary>What must still hold when a plan is approved and when each of its moves starts.</summary>
/// <param name="ShardsUsed">Shards that must exist.</param>
/// <param name="MembersUsed">Nodes that must be members and alive.</param>
/// <param name="ForecastTolerance">Ratio by which a used shard's newest forecast peak may differ from the one planned with.</param>
/// <param name="ShardPeaks">Predicted peak per used shard at planning time, mcore, in the order of <paramref name="ShardsUsed"/>.</param>
public sealed record PlanPreconditions(
    ImmutableArray<ShardId> ShardsUsed, ImmutableArray<NodeId> MembersUsed, double ForecastTolerance, ImmutableArray<double> ShardPeaks);

/// <summary>An immutable list of moves. The hash covers everything an operator approves.</summary>
public sealed record Plan(
    string Kind, DateTimeOffset MadeAt, ulong Epoch, string Reason, ImmutableArray<Move> Moves, PlanPreconditions Preconditions)
{
    /// <summary>Lower-case hexadecimal SHA-256 over the plan's canonical text; the first 4 digits are its short name.</summary>
    public string Hash { get; } = ComputeHash(Kind, MadeAt, Epoch, Reason, Moves, Preconditions);

    private static string ComputeHash(
        string kind, DateTimeOffset madeAt, ulong epoch, string reason, ImmutableArray<Move> moves, PlanPreconditions preconditions)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{kind}|{madeAt.ToUnixTimeMilliseconds()}|{epoch}|{reason.Length}:{reason}\n");
        foreach (var move in moves)
        {
            text.Append(CultureInfo.InvariantCulture, $"{move.Number}|{move.Segment}|{move.From}|{move.To}|{move.PeakMillicores:R}|{move.Bytes}|{move.Reason.Length}:{move.Reason}");
            if (move.StartAt is { } start)
            {
                text.Append(CultureInfo.InvariantCulture, $"|{start.ToUnixTimeMilliseconds()}");
            }

            text.Append('\n');
        }

        text.AppendJoin(',', preconditions.ShardsUsed).Append('|').AppendJoin(',', preconditions.MembersUsed);
        text.Append(CultureInfo.InvariantCulture, $"|{preconditions.ForecastTolerance:R}|");
        foreach (var peak in preconditions.ShardPeaks)
        {
            text.Append(CultureInfo.InvariantCulture, $"{peak:R},");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
