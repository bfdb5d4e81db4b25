using System.Globalization;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>A segment and two shards: what a test moves.</summary>
internal sealed class SegmentMove(TestCluster cluster, ShardMap map, SegmentId segment, ShardId from, ShardId to)
{
    private const int ValueBytes = 8 * 1024;
    private readonly List<string> filled = [];

    public SegmentId Segment => segment;

    public ShardId From => from;

    public ShardId To => to;

    /// <param name="cluster">Where.</param>
    /// <param name="otherLeader">Whether source and target prefer different nodes.</param>
    public static async Task<SegmentMove> PickAsync(TestCluster cluster, bool otherLeader = false)
    {
        var map = await cluster.MapAsync();
        var source = map.Shards[0];
        var target = map.Shards.First(s => s.Id != source.Id && (s.PreferredLeader == source.PreferredLeader) != otherLeader);
        var segment = Enumerable.Range(0, map.SegmentCount).Select(i => new SegmentId((ushort)i)).First(s => map.OwnerOf(s) == source.Id);
        return new SegmentMove(cluster, map, segment, source.Id, target.Id);
    }

    /// <summary>Keys in the moving segment.</summary>
    public IEnumerable<string> Keys(int count, string prefix) => Harness.Keys.In(segment, map.SegmentCount, count, prefix);

    /// <summary>Keys in other segments, of the source, the target and others.</summary>
    public IEnumerable<string> KeysElsewhere(int count) => Enumerable.Range(0, map.SegmentCount).Select(i => new SegmentId((ushort)i))
        .Where(s => s != segment).Where((_, i) => i % (map.SegmentCount / count) == 0).Take(count)
        .SelectMany(s => Harness.Keys.In(s, map.SegmentCount, 1, "e"));

    /// <summary>Fills the segment, so that its copy lasts.</summary>
    public async Task FillAsync(int bytes)
    {
        filled.AddRange(Keys(bytes / ValueBytes, "fill"));
        await Task.WhenAll(filled.Chunk((filled.Count + 3) / 4).Select(async part =>
        {
            using var client = Client();
            foreach (var key in part)
            {
                Assert.Equal("+OK", (await client.RepeatAsync("SET", key, Value(key))).ToString());
            }
        }));
    }

    /// <summary>All that was filled in is there.</summary>
    public async Task VerifyFillAsync()
    {
        using var client = Client();
        foreach (var key in filled)
        {
            Assert.Equal(Value(key), (await client.RepeatAsync("GET", key)).Text);
        }
    }

    /// <summary>Starts the migration, or finds it started.</summary>
    public async Task<ulong> StartAsync()
    {
        var answer = await cluster.Admin.StartAsync("end-to-end", 1, segment, from, to);
        Assert.True(answer.Accepted, string.Create(CultureInfo.InvariantCulture, $"{answer}\n{cluster.Output}"));
        return answer.MigrationId;
    }

    private ShardedClient Client() => new([.. cluster.Nodes.Select(n => n.ClientPort)]);

    private static string Value(string key) => key + new string('v', ValueBytes);
}
