using Microsoft.AspNetCore.Components;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Dashboard.Layout;

/// <summary>Finds keys, slots, segments, shards, nodes, plans and pages, and goes there. Ctrl K or "/" puts the cursor here (js/keys.js).</summary>
public sealed partial class SearchBox
{
    private SearchResult? chosen;

    [Inject]
    private IClusterQueries Queries { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private async Task<IEnumerable<SearchResult>> FindAsync(string? text, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        var hits = await Queries.SearchAsync(text.Trim(), cancellation);
        return hits.Select(h => new SearchResult(h.Kind, h.Title, h.Detail, h.Link));
    }

    private void OnChosen(SearchResult? result)
    {
        chosen = null;
        if (result is not null)
        {
            Navigation.NavigateTo(result.Link);
        }
    }
}
