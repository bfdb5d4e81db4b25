using System.Collections.Immutable;
using System.Text.Json;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Node;

/// <summary>
/// Which groups the node holds, each with the change of replicas for which it was opened last (0: since the founding). Kept as the record of a group number that no Raft
/// group has, and written with the first change: a node without it holds what the genesis says.
/// </summary>
internal static class HostedStore
{
    /// <summary>Where it is kept. Persisted, never change.</summary>
    public static readonly GroupId Place = new(ushort.MaxValue - 1);

    private const int Version = 1;

    /// <summary>Encodes the groups.</summary>
    public static byte[] Encode(IEnumerable<KeyValuePair<GroupId, HostedGroup>> groups) =>
        JsonSerializer.SerializeToUtf8Bytes(new Kept(Version, [.. groups.Select(g => new Row(g.Key, g.Value.OpenedBy, g.Value.VotesFrom))]), JsonSerializerOptions.Web);

    /// <summary>The groups of an opened store; null where they are those of the genesis.</summary>
    /// <exception cref="InvalidDataException">Another version wrote it.</exception>
    public static ImmutableSortedDictionary<GroupId, HostedGroup>? Read(NodeStore store)
    {
        var record = store.LoadGroup(Place).Record;
        if (record.IsEmpty)
        {
            return null;
        }

        return JsonSerializer.Deserialize<Kept>(record.Span, JsonSerializerOptions.Web) is { Version: Version } kept
            ? kept.Groups.ToImmutableSortedDictionary(g => g.Group, g => new HostedGroup(g.OpenedBy, g.VotesFrom))
            : throw new InvalidDataException("The list of the groups that this node holds was written by another version.");
    }

    private sealed record Kept(int Version, ImmutableArray<Row> Groups);

    // Fields are only added: one that is missing is 0.
    private sealed record Row(GroupId Group, ulong OpenedBy, ulong VotesFrom);
}
