using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Controls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Members;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Who leaves the comfort zone, in which dimension, when?</summary>
public sealed partial class FleetPage
{
    private const string MembersName = "members";
    private static readonly string[] Views = ["nodes", MembersName, "shards"];
    private static readonly string[] DimensionOrder = ["cpu", "memory", "disk", "network"];
    private ChartModel? ring;
    private ChartModel? comfort;

    /// <summary>"nodes", "members" or "shards".</summary>
    [SupplyParameterFromQuery(Name = "view")]
    public string? ViewName { get; set; }

    /// <summary>The node whose row is open.</summary>
    [SupplyParameterFromQuery(Name = "node")]
    public string? Node { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IForecastReader Forecasts { get; set; } = null!;

    [Inject]
    private IMemberQueries MemberQueries { get; set; } = null!;

    [Inject]
    private IRolloutDesk Rollout { get; set; } = null!;

    [Inject]
    private IMemberDesk Desk { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    private string View => ViewName is "shards" or MembersName ? ViewName : "nodes";

    private bool ShowsShards => View == "shards";

    private NodeRow? Leaving => Nodes.Where(n => Over(n).Count > 0).OrderBy(n => Over(n)[0].PeakAt ?? DateTimeOffset.MaxValue).FirstOrDefault();

    private protected override Task LoadAsync(CancellationToken cancellation)
    {
        TakeFleet();
        var map = Queries.Map();
        ring = MakeRing(map);
        comfort = MakeComfort(Forecasts.Latest(LoadMetric.Cpu));
        return Task.CompletedTask;
    }

    private ChartModel MakeRing(ShardMap map)
    {
        var moved = map.Exceptions.Where(e => e.Segment.Value < map.SegmentCount && map.OwnerOf(e.Segment) == e.Shard).GroupBy(e => e.Shard).ToDictionary(g => g.Key, g => g.Count());
        var bound = (1 + PlacementRing.DefaultEpsilon) * map.SegmentCount / Math.Max(1, Shards.Count);
        return new ChartModel($"ring|{map.Epoch}|{Shards.Count}", $"Segments per shard; {Show.Of(moved.Values.Sum(), "segment")} moved for load.", "count")
        {
            Categories = [.. Shards.Select(s => s.Id.ToString())],
            Series =
            [
                new ChartSeries("by ring", "text3", "bar", [], [.. Shards.Select(s => (double?)(s.Segments - moved.GetValueOrDefault(s.Id)))]),
                new ChartSeries("moved for load", "after", "bar", [], [.. Shards.Select(s => (double?)moved.GetValueOrDefault(s.Id))]),
            ],
            Limits = [new ChartLimit(bound, "bound", "text2")],
        };
    }

    private ChartModel? MakeComfort(ForecastFrame? frame)
    {
        if (frame is null || Nodes.All(n => n.CpuPeaks.Count == 0))
        {
            return null;
        }

        var limit = Nodes.SelectMany(n => n.Dimensions).Where(d => d.Name == "cpu").Select(d => d.ComfortZone).FirstOrDefault(0.7);
        return new ChartModel($"comfort|{frame.MadeAt.ToUnixTimeSeconds()}|{Nodes.Count}", "Predicted CPU of each node within the planning horizon against the comfort zone.", "percent")
        {
            Max = Math.Max(1, Nodes.Max(n => n.CpuPeaks.Count == 0 ? 0 : n.CpuPeaks.Max() / n.Capacity.CpuMillicores)),
            Limits = [new ChartLimit(limit, Show.Percent(limit), "text2")],
            Series = [.. Nodes.Select((n, i) => new ChartSeries(n.Name, $"node{(i % Theme.Tokens.NodeColours) + 1}", "line", [.. ChartModels.Millis(n.CpuStarts)], [.. n.CpuPeaks.Take(n.CpuStarts.Count).Select(p => ChartModels.Known(p / n.Capacity.CpuMillicores))], Over(n).Count > 0 ? 2.5 : 1.25))],
        };
    }

    private void OnRowKey(KeyboardEventArgs e, string? node)
    {
        if (e.Key == "Enter")
        {
            Go(null, node);
        }
    }

    private void Go(string? view, string? node) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(
        new Dictionary<string, object?> { ["view"] = (view ?? View) is "nodes" ? null : view ?? View, ["node"] = node }));

    private async Task AddAsync()
    {
        var parameters = new DialogParameters<AddNodeDialog>
        {
            { x => x.Do, async (zone, reason) => await Desk.AddAsync(zone, UserName, reason, Gone) is { Done: false } refused ? refused.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<AddNodeDialog>("Add a node", parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add("A node starts and joins by itself");
        }
    }

    private async Task ReplicasAsync(ShardId shard)
    {
        var parameters = new DialogParameters<ReplicaDialog>
        {
            { x => x.Shard, shard },
            { x => x.Lead, async (to, reason) => await Rollout.LeadAsync(shard, MemberQueries.Replicas(GroupId.Of(shard))?.FirstOrDefault(r => r.IsPreferredLeader)?.Node ?? default, IdOf(to), UserName, reason, Gone) is { Done: false } refused ? refused.Detail : null },
            { x => x.Do, async (from, to, reason) => await Desk.ReplaceAsync(GroupId.Of(shard), IdOf(from), IdOf(to), UserName, reason, Gone) is { Done: false } refused ? refused.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReplicaDialog>($"Replicas of {shard}", parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add($"The replicas of {shard} are being changed");
        }

        NodeId IdOf(string name) => name.Length > 0 ? MemberQueries.Member(name)?.Id ?? default : default;
    }

    private static List<DimensionUse> Over(NodeRow node) => [.. node.Dimensions.Where(d => d.Peak > d.ComfortZone).OrderBy(d => d.PeakAt ?? DateTimeOffset.MaxValue)];

    private static DimensionUse Dimension(NodeRow node, string name) =>
        node.Dimensions.FirstOrDefault(d => d.Name == name) ?? new DimensionUse(name, double.NaN, double.NaN, null, double.NaN, 0.7);

    private static string DimensionName(string name) => name switch { "cpu" => "CPU", "disk" => "disk I/O", _ => name };
}
