using System.Text.Json;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Node;

/// <summary>The genesis as the node keeps it: the record of a group number that no Raft group has.</summary>
internal static class GenesisStore
{
    /// <summary>Where the genesis is kept. Persisted, never change.</summary>
    public static readonly GroupId Place = new(ushort.MaxValue);

    /// <summary>Encodes a genesis for the store and for the wire.</summary>
    public static byte[] Encode(Genesis genesis) => JsonSerializer.SerializeToUtf8Bytes(genesis, JsonSerializerOptions.Web);

    /// <summary>Reads a genesis; null for anything that is none, or that another version wrote.</summary>
    public static Genesis? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        try
        {
            var genesis = JsonSerializer.Deserialize<Genesis>(bytes, JsonSerializerOptions.Web);
            return genesis is { FormatVersion: Founding.FormatVersion, Members.IsDefault: false, MetaVoters.IsDefault: false }
                && Slot.IsSegmentCount(genesis.SegmentCount) && genesis.Map.Owners.Length == genesis.SegmentCount ? genesis : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The genesis of an opened store; null where the node belongs to no cluster yet.</summary>
    public static Genesis? Read(NodeStore store) => Decode(store.LoadGroup(Place).Record.Span);
}
