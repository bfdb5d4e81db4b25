using System.Globalization;
using System.Text;
using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Node;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Inspection;

/// <summary>
/// `NodeAgent dump FOLDER`: the segments and keys that the store's checkpoints and committed log make, with digests, one line each and sorted, so that the dumps
/// of two replicas can be compared by `diff`. Digests are over keys, kinds, values and expiries. Changes nothing.
/// </summary>
internal static class DumpCommand
{
    /// <summary>Writes the dump and answers the exit code: 0, or 1 where a group cannot be read.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="executor">Executes the entries of the log.</param>
    /// <param name="output">Where the lines go.</param>
    public static int Run(string data, ICommandExecutor executor, TextWriter output)
    {
        using var copy = StoreCopy.Open(data);
        if (copy.Opening.Store is not { } store)
        {
            output.WriteLine(copy.Opening.Message);
            return 1;
        }

        if (GenesisStore.Read(store) is not { } genesis)
        {
            output.WriteLine($"{data}: the node belongs to no cluster yet.");
            return 0;
        }

        var readable = true;
        foreach (var group in store.Groups.Where(g => g != GenesisStore.Place && g != HostedStore.Place))
        {
            var image = store.LoadGroup(group);
            var problem = image.Damages.Count > 0 ? image.Damages[0].Message : null;
            if (problem is null)
            {
                problem = group == GroupId.Meta ? DumpMeta(image, output) : DumpShard(store, genesis, image, executor, output);
            }

            if (problem is not null)
            {
                readable = false;
                output.WriteLine($"group {group}: {problem}");
            }
        }

        return readable ? 0 : 1;
    }

    private static string? DumpMeta(GroupImage image, TextWriter output)
    {
        output.WriteLine($"meta commit={image.Log.InitialHardState.Commit} snapshot={image.Log.Snapshot.Index} record={Crc32C.Of(image.Record.Span):x8}");
        return null;
    }

    private static string? DumpShard(NodeStore store, Genesis genesis, GroupImage image, ICommandExecutor executor, TextWriter output)
    {
        var machine = GroupOpener.Restore(store, genesis, image, executor, out var problem);
        if (machine is null)
        {
            return problem;
        }

        var commit = image.Log.InitialHardState.Commit;
        for (var next = image.Log.Snapshot.Index + 1; next <= commit;)
        {
            var page = image.Log.Read(next, commit + 1, 1 << 20);
            foreach (var entry in page)
            {
                _ = machine.Apply(entry, 2, null);
            }

            next += (ulong)page.Count;
        }

        output.WriteLine($"shard {machine.Shard} applied={Math.Max(commit, image.Log.Snapshot.Index)} time={machine.GroupTimeMs}");
        foreach (var segment in machine.Segments.Where(s => s.State != SegmentState.Absent || s.Fence != 0))
        {
            DumpSegment(machine.Shard, segment, output);
        }

        return null;
    }

    private static void DumpSegment(ShardId shard, SegmentReplica segment, TextWriter output)
    {
        var digest = segment.Table?.Digest(0, 1) ?? default;
        output.WriteLine(
            $"segment {shard}/{segment.Id} {segment.State} epoch={segment.Epoch} fence={segment.Fence} keys={segment.Table?.Count ?? 0} digest={digest.High:x16}{digest.Low:x16}");
        var lines = new List<string>();
        segment.Table?.ScanAll((key, in value) =>
        {
            lines.Add(string.Create(
                CultureInfo.InvariantCulture, $"key {shard}/{segment.Id} {Show(key)} {value.Kind} bytes={value.Bytes.Length} hash={TableHash.OfValue(value.Bytes):x32} expires={value.ExpiresAtMs}"));
            return true;
        });
        lines.Sort(StringComparer.Ordinal);
        lines.ForEach(output.WriteLine);
    }

    /// <summary>A key in quotes; bytes that do not print as \xNN.</summary>
    private static string Show(ReadOnlySpan<byte> key)
    {
        var text = new StringBuilder("\"");
        foreach (var b in key)
        {
            _ = b is >= 0x20 and < 0x7f and not (byte)'"' and not (byte)'\\' ? text.Append((char)b) : text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }

        return text.Append('"').ToString();
    }
}
