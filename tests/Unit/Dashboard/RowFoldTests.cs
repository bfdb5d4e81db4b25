using ShardConsole.ControlPlane.Dashboard.Heatmap;

namespace ShardConsole.Unit.Dashboard;

public sealed class RowFoldTests
{
    private static readonly HashSet<int> None = [];

    [Fact]
    public void Few_segments_stay_as_they_are() =>
        Assert.Equal([[2], [0], [1]], RowFold.Fold([2, 0, 1], [1, 1, 1], [1, 2, 3], None, 3));

    [Fact]
    public void The_coldest_neighbours_merge_first_and_shards_stay_apart()
    {
        // Shard 1: 0, 1, 2; shard 2: 3, 4, 5. The pair 2, 3 would be the cheapest, but crosses the edge.
        var rows = RowFold.Fold([0, 1, 2, 3, 4, 5], [1, 1, 1, 2, 2, 2], [9, 3, 1, 1, 4, 8], None, 4);
        Assert.Equal([[0], [1, 2], [3, 4], [5]], rows);
    }

    [Fact]
    public void What_must_stay_alone_does_and_the_height_wins_in_the_end()
    {
        int[] order = [0, 1, 2, 3, 4];
        Assert.Equal([[0, 1], [2], [3], [4]], RowFold.Fold(order, [1, 1, 1, 1, 1], [1, 1, 3, 2, 2], None, 4));
        Assert.Equal([[0], [1], [2], [3, 4]], RowFold.Fold(order, [1, 1, 1, 1, 1], [1, 1, 3, 2, 2], new HashSet<int> { 0 }, 4));
        Assert.Equal([[0, 1, 2, 3]], RowFold.Fold([0, 1, 2, 3], [1, 2, 3, 4], [1, 9, 5, 5], new HashSet<int> { 0 }, 1));
    }

    [Fact]
    public void Every_segment_is_in_one_row_in_its_order_and_hot_ones_are_alone()
    {
        var random = new Random(4711);
        var peak = Enumerable.Range(0, 1024).Select(_ => random.NextDouble() * random.NextDouble() * 100).ToArray();
        peak[500] = double.NaN;
        var shards = Enumerable.Range(0, 1024).Select(s => s / 90).ToArray();
        var rows = RowFold.Fold([.. Enumerable.Range(0, 1024)], shards, peak, None, 300);

        Assert.Equal(300, rows.Count);
        Assert.Equal(Enumerable.Range(0, 1024), rows.SelectMany(r => r));
        Assert.All(rows, r => Assert.Single(r.Select(s => shards[s]).Distinct()));
        Assert.All(Enumerable.Range(0, 1024).OrderByDescending(s => double.IsNaN(peak[s]) ? 0 : peak[s]).Take(10), s => Assert.Contains(rows, r => r is [var only] && only == s));
    }
}
