using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Members;

/// <summary>The equality of replicas as console and REST show it.</summary>
internal static class IntegrityRows
{
    /// <summary>How things stand.</summary>
    public static IntegrityView Of(FleetState state) => new(
        [.. state.Integrity.Shards.Select(s => new ShardIntegrityRow(
            s.Shard, MemberRows.Name(state, s.Leader), s.Step, s.NextUnixMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(s.NextUnixMs), s.Last is { } last ? Of(state, s.Shard, last) : null))],
        [.. state.Integrity.Orphans.Select(o => new OrphanRow(
            o.Status.Segment, o.Holder, o.Status.Owner, o.Status.State, o.Status.Migration, o.Status.Keys, o.Status.Bytes, DateTimeOffset.FromUnixTimeMilliseconds(o.Status.SinceUnixMs),
            o.Status.State is "Importing" or "Retained"))],
        [.. state.Integrity.Maps.Select(m => new MapDifferenceRow(MemberRows.Name(state, m.Node), m.Epoch, Hex(m.Digest), Hex(m.Expected)))],
        state.Integrity.Checks, state.Integrity.Differences, state.Integrity.Repaired);

    /// <summary>A comparison that has ended.</summary>
    public static ComparisonRow Of(FleetState state, ShardId shard, CheckReport r) => new(
        shard, r.Outcome, r.Detail, r.By, r.Index, DateTimeOffset.FromUnixTimeMilliseconds(r.BeganUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(r.EndedUnixMs),
        Names(state, r.Compared), Names(state, r.Silent), r.Segments, r.Buckets, r.Keys, r.ExchangedBytes, r.Differences, r.Repaired,
        [.. (r.Listed.IsDefault ? [] : r.Listed).Select(d => new DifferenceRow(d.Segment, d.Bucket, d.BucketCount, Names(state, d.Wrong), d.Bytes, d.Result))]);

    private static List<string> Names(FleetState state, System.Collections.Immutable.ImmutableArray<NodeId> nodes) =>
        nodes.IsDefault ? [] : [.. nodes.Select(n => MemberRows.Name(state, n)).Order(StringComparer.Ordinal)];

    private static string Hex(ulong digest) => digest.ToString("x16", CultureInfo.InvariantCulture);
}
