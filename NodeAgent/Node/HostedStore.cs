using System.Collections.Immutable;
using System.Text.Json;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Node;

/// <summary>
/// Keeps <see cref="HostedGroups"/> as the record of a group number that no Raft group has. It is written with the first change: a node without it holds what the genesis says.
/// </summary>
internal static class HostedStore
{
    /// <summary>Where it is kept. Persisted, never change.</summary>
    public static readonly GroupId Place = new(ushort.MaxValue - 1);

    private const int Version = 1;

    /// <summary>Encodes the groups.</summary>
    public static byte[] Encode(HostedGroups groups) => JsonSerializer.SerializeToUtf8Bytes(
        new Kept(
            Version,
            [.. groups.Held.Select(g => new Row(g.Key, g.Value.OpenedBy, g.Value.VotesFrom))],
            [.. groups.Deleted.Select(g => new DeletedRow(g.Key, g.Value.OpenedBy, g.Value.Term, g.Value.Vote))]),
        JsonSerializerOptions.Web);

    /// <summary>The groups of an opened store; null where they are those of the genesis.</summary>
    /// <exception cref="InvalidDataException">Another version wrote it.</exception>
    public static HostedGroups? Read(NodeStore store) => store.LoadGroup(Place).Record is { IsEmpty: false } record ? Decode(record.Span) : null;

    /// <summary>What <see cref="Encode"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Another version wrote it.</exception>
    public static HostedGroups Decode(ReadOnlySpan<byte> record)
    {
        if (JsonSerializer.Deserialize<Kept>(record, JsonSerializerOptions.Web) is not { Version: Version } kept)
        {
            throw new InvalidDataException("The list of the groups that this node holds was written by another version.");
        }

        IEnumerable<DeletedRow> deleted = kept.Deleted.IsDefault ? [] : kept.Deleted;
        return new HostedGroups(
            kept.Groups.ToImmutableSortedDictionary(g => g.Group, g => new HostedGroup(g.OpenedBy, g.VotesFrom)),
            deleted.ToImmutableSortedDictionary(g => g.Group, g => new DeletedGroup(g.OpenedBy, g.Term, g.Vote)));
    }

    // Fields are only added: one that is missing is 0, a list that is missing is empty.
    private sealed record Kept(int Version, ImmutableArray<Row> Groups, ImmutableArray<DeletedRow> Deleted);

    private sealed record Row(GroupId Group, ulong OpenedBy, ulong VotesFrom);

    private sealed record DeletedRow(GroupId Group, ulong OpenedBy, ulong Term, ulong Vote);
}
