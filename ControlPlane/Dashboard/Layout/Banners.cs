using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Layout;

/// <summary>A line under the bar. Tone is "err", "warn" or "accent".</summary>
internal sealed record Banner(string Tone, string Title, string Text);

/// <summary>What the line under the bar says, worst first.</summary>
internal static class Banners
{
    /// <summary>The banners of this moment; none when all is well.</summary>
    public static IReadOnlyList<Banner> Of(ClusterSummary summary, DisplayZone zone)
    {
        var banners = new List<Banner>();
        if (summary.ClusterId.Length == 0)
        {
            banners.Add(new Banner("warn", "No cluster yet.", "It is founded as soon as enough nodes have joined."));
        }
        else if (!summary.Reachable)
        {
            banners.Add(new Banner("err", "No node answers.", "Values are the last known ones. The cluster goes on by itself; look at the node processes."));
        }

        if (summary.Halted)
        {
            banners.Add(new Banner("err", $"Halted{(summary.HaltedBy.Length > 0 ? " by " + summary.HaltedBy : "")}.", $"{Show.Of(summary.MovesRunning, "move")} stand still, {summary.MovesWaiting} wait, plans are not applied. Settings are kept."));
        }

        if (summary.Reachable && summary.MetaLeader.Length == 0)
        {
            banners.Add(new Banner("err", "The meta group has no leader.", "No migration can start, commit or be cancelled until a majority of its voters answers."));
        }

        if (summary.PlanningReactive is { } why)
        {
            banners.Add(new Banner("warn", "Planning is reactive:", why + "."));
        }

        if (summary.Simulated)
        {
            banners.Add(new Banner("accent", $"Game day: simulated fleet, {Show.Number(summary.ClockFactor)}× clock.", $"Nothing here is a real node. Model time is {zone.Full(summary.Now)}."));
        }

        if (summary.Demo)
        {
            banners.Add(new Banner("accent", "Demo: the load is generated,", $"{Show.Number(summary.ClockFactor)}× clock. Model time is {zone.Full(summary.Now)}."));
        }

        return banners;
    }
}
