using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
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
/// <param name="Clump">Moves of one plan with the same clump are of segments that are asked for together and stay so; null: it moves for itself. In the hash only where it is there.</param>
public sealed record Move(
    int Number, SegmentId Segment, ShardId From, ShardId To, double PeakMillicores, long Bytes, string Reason, DateTimeOffset? StartAt = null, int? Clump = null);

/// <summary>One shard's leadership from one node to another that holds a replica of it: nothing is copied, the shard keeps its segments and its replicas.</summary>
/// <param name="Number">Its place in the plan, after the plan's moves; with the plan's hash it is its id. It is carried out before them.</param>
/// <param name="Shard">What is led.</param>
/// <param name="From">Preferred leader when the plan was made: a precondition.</param>
/// <param name="To">The new preferred leader.</param>
/// <param name="PeakMillicores">Predicted peak load score of the shard in the horizon, mcore.</param>
/// <param name="Reason">Why it goes, and why there.</param>
public sealed record LeaderTransfer(int Number, ShardId Shard, NodeId From, NodeId To, double PeakMillicores, string Reason);

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
/// <param name="ForecastTolerance">
/// How far the newest forecast peak of a used shard may be from the one planned with, to the side on which the plan would be wrong, as a ratio of <paramref name="ThresholdMillicores"/>.
/// </param>
/// <param name="ShardPeaks">Predicted peak per used shard at planning time, mcore, in the order of <paramref name="ShardsUsed"/>.</param>
/// <param name="ThresholdMillicores">Sharding threshold when the plan was made, mcore; 0 in plans of older versions, whose tolerance is of the planned peak. In the hash only above 0.</param>
public sealed record PlanPreconditions(
    ImmutableArray<ShardId> ShardsUsed, ImmutableArray<NodeId> MembersUsed, double ForecastTolerance, ImmutableArray<double> ShardPeaks, double ThresholdMillicores = 0);

/// <summary>An immutable list of moves and of transfers of leadership. The hash covers everything an operator approves.</summary>
/// <param name="Transfers">Transfers of leadership, numbered after the moves; in the hash only where there are some.</param>
public sealed record Plan(
    string Kind, DateTimeOffset MadeAt, ulong Epoch, string Reason, ImmutableArray<Move> Moves, PlanPreconditions Preconditions, ImmutableArray<LeaderTransfer> Transfers = default)
{
    /// <summary>Transfers of leadership, carried out before the moves.</summary>
    public ImmutableArray<LeaderTransfer> Transfers { get; init; } = Transfers.IsDefault ? [] : Transfers;

    /// <summary>Moves and transfers together.</summary>
    [JsonIgnore]
    public int ActionCount => Moves.Length + Transfers.Length;

    /// <summary>Lower-case hexadecimal SHA-256 over the plan's canonical text; the first 4 digits are its short name.</summary>
    public string Hash { get; } = ComputeHash(Kind, MadeAt, Epoch, Reason, Moves, Preconditions, Transfers);

    /// <summary>The transfer of a number; null where the number is a move's or nothing's.</summary>
    public LeaderTransfer? TransferOf(int number) => number > Moves.Length && number <= ActionCount ? Transfers[number - Moves.Length - 1] : null;

    private static string ComputeHash(
        string kind, DateTimeOffset madeAt, ulong epoch, string reason, ImmutableArray<Move> moves, PlanPreconditions preconditions, ImmutableArray<LeaderTransfer> transfers)
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

            if (move.Clump is { } clump)
            {
                text.Append(CultureInfo.InvariantCulture, $"|clump {clump}");
            }

            text.Append('\n');
        }

        text.AppendJoin(',', preconditions.ShardsUsed).Append('|').AppendJoin(',', preconditions.MembersUsed);
        text.Append(CultureInfo.InvariantCulture, $"|{preconditions.ForecastTolerance:R}|");
        foreach (var peak in preconditions.ShardPeaks)
        {
            text.Append(CultureInfo.InvariantCulture, $"{peak:R},");
        }

        if (preconditions.ThresholdMillicores > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"|{preconditions.ThresholdMillicores:R}");
        }

        foreach (var transfer in transfers.IsDefault ? [] : transfers)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\nleader {transfer.Number}|{transfer.Shard}|{transfer.From}|{transfer.To}|{transfer.PeakMillicores:R}|{transfer.Reason.Length}:{transfer.Reason}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
