using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval.Core;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>Plans as console and REST show them.</summary>
internal static class PlanViews
{
    /// <summary>A plan in a list.</summary>
    public static PlanSummary Summary(StoredPlan plan, SettingsValues settings, DateTimeOffset now)
    {
        var f = plan.Findings;
        var last = plan.Log.Count > 0 ? plan.Log[^1] : null;
        return new PlanSummary(
            plan.Id, plan.State, plan.Plan.MadeAt, plan.Plan.Reason, plan.Plan.Moves.Length, f.Bytes, f.Seconds, f.BalanceBefore ?? double.NaN,
            f.BalanceAfter ?? double.NaN, f.MinutesOverBefore, f.MinutesOverAfter, f.Confidence, plan.StartAt, f.CrossesAt,
            plan.State == PlanState.Proposed ? AutoApply.Decide(settings, plan.Facts, now).Verdict : f.PolicyVerdict,
            plan.Moves.Count(m => m.Outcome == "done"), plan.Moves.Count(m => m.Outcome is not (null or "done")),
            plan.State is PlanState.Stale or PlanState.Expired or PlanState.Failed or PlanState.Halted ? last?.Reason : null)
        {
            Transfers = plan.Plan.Transfers.Length,
            Held = plan.Held,
            RequestedBy = plan.RequestedBy,
            MadeFrom = f.MadeFrom,
            FourEyes = plan.State == PlanState.Proposed ? AutoApply.WhyFourEyes(settings, plan.Facts) : null,
        };
    }

    /// <summary>A whole plan with its migrations.</summary>
    public static PlanDetail Detail(StoredPlan plan, FleetState fleet, SettingsValues settings, DateTimeOffset now)
    {
        var running = fleet.Migrations.Where(m => m.PlanHash == plan.Id).ToDictionary(m => m.MoveNumber);
        var moves = plan.Plan.Moves.Select(move =>
        {
            var row = plan.Moves.FirstOrDefault(m => m.Number == move.Number);
            var phase = running.TryGetValue(move.Number, out var migration) ? migration.Phase : (MigrationPhase?)row?.Phase;
            return new PlanMove(move, fleet.LeaderOf(move.From), fleet.LeaderOf(move.To), (ulong)(row?.MigrationId ?? 0), phase, row?.Outcome);
        });
        var nodes = plan.Findings.Nodes.Select(n =>
        {
            _ = NodeId.TryParse(n.Node, out var id);
            return new NodeEffect(id, fleet.Find(id)?.Member.Name ?? n.Node, n.Before ?? double.NaN, n.After ?? double.NaN);
        });
        string NameOf(NodeId node) => fleet.Find(node)?.Member.Name ?? node.ToString();
        return new PlanDetail(Summary(plan, settings, now), plan.Plan, plan.Etag, [.. moves], [.. nodes], plan.Findings.Refused, plan.Log)
        {
            Transfers = [.. plan.Plan.Transfers.Select(t => (Transfer: t, Row: plan.Moves.FirstOrDefault(m => m.Number == t.Number)))
                .Select(t => new PlanTransfer(t.Transfer, NameOf(t.Transfer.From), NameOf(t.Transfer.To), t.Row?.StartedAt is not null, t.Row?.Outcome))],
            RefusedTransfers = [.. plan.Findings.RefusedTransfers.Select(r => new RefusedTransfer(r.Shard, NameOf(r.From), NameOf(r.To), r.Reason))],
        };
    }
}
