using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Who did what, and why? The newest entries; older ones on request, a page at a time.</summary>
public sealed partial class AuditPage
{
    private const int PageRows = 200;
    private const int MaxRows = 5000;

    private List<AuditRow> rows = [];
    private int wanted = PageRows;
    private bool more;
    private AuditVerdict? verdict;

    /// <summary>Words looked for in all columns.</summary>
    [SupplyParameterFromQuery(Name = "find")]
    public string? Find { get; set; }

    /// <summary>One person, key or policy only.</summary>
    [SupplyParameterFromQuery(Name = "who")]
    public string? Who { get; set; }

    /// <summary>One action only.</summary>
    [SupplyParameterFromQuery(Name = "what")]
    public string? What { get; set; }

    // The audit is written in real time: it has to agree with the logs of other programs.
    private DateTimeOffset Real => Time.GetUtcNow();

    private int Today => rows.Count(r => TimeZoneInfo.ConvertTime(r.At, Zone.Zone).Date == TimeZoneInfo.ConvertTime(Real, Zone.Zone).Date);

    private string[] People => ["All", .. rows.Select(r => r.By).Distinct().Order(StringComparer.Ordinal)];

    private string[] Actions => ["All", .. rows.Select(r => Labels.Action(r.Action)).Distinct().Order(StringComparer.Ordinal)];

    private List<AuditRow> Shown =>
    [
        .. rows.Where(r => (Who is null || r.By == Who) && (What is null || r.Action == What))
            .Where(r => string.IsNullOrWhiteSpace(Find) || $"{r.By} {Labels.Action(r.Action)} {r.Subject} {r.Detail}".Contains(Find.Trim(), StringComparison.OrdinalIgnoreCase)),
    ];

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        var read = await Trail.ListAsync(0, wanted + 1, cancellation);
        more = read.Count > wanted && wanted < MaxRows;
        rows = [.. read.Take(wanted)];
    }

    private Task OlderAsync()
    {
        wanted = Math.Min(MaxRows, wanted + PageRows);
        return ReloadAsync();
    }

    private async Task ExportAsync() => await Js.InvokeVoidAsync("shardConsole.save", "audit.csv", "text/csv", "id,at,by,action,subject,detail,plan,hash\n" + string.Join('\n', Shown.Select(AuditTrail.Csv)) + "\n");

    private async Task VerifyAsync() => verdict = await Trail.VerifyAsync(Gone);

    private static string? LinkOf(AuditRow row) =>
        row.Plan.Length >= 4 ? Urls.Plan(Labels.ShortId(row.Plan)) : row.Action.StartsWith("plan", StringComparison.Ordinal) && row.Subject.Length >= 4 ? Urls.Plan(Labels.ShortId(row.Subject)) : null;

    private void Go(string name, string? value) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, string.IsNullOrEmpty(value) ? null : value), replace: true);
}
