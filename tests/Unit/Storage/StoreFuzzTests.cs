using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using static ShardConsole.Unit.Storage.StoreFolder;

namespace ShardConsole.Unit.Storage;

/// <summary>
/// Flips one bit, or cuts the file, at drawn places of the database and of SQLite's log of a node that was killed: it is detected, or it was harmless and everything reads as
/// it was written. Wrong data are never read, and what was committed last is missed like anything else.
/// </summary>
public sealed class StoreFuzzTests : IDisposable
{
    private const int Seed = 20_261;
    private static readonly SegmentId Segment = new(2);
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false, false, 150)]
    [InlineData(true, false, 150)]
    [InlineData(false, true, 20)]
    [InlineData(true, true, 40)]
    public void A_flipped_bit_or_a_cut_at_any_place_is_detected_or_harmless(bool inLog, bool cuts, int times)
    {
        using var original = Written();
        using var copy = original.Crash();
        var truth = Read(copy, out var untouched);
        Assert.False(untouched, truth);
        var bytes = File.ReadAllBytes(inLog ? original.Wal : original.Database);
        var random = new Random(Seed);
        var (detected, harmless) = (0, 0);
        for (var i = 0; i < times; i++)
        {
            var (at, bit) = (random.Next(bytes.Length), random.Next(8));
            using var damaged = original.Crash();
            var file = inLog ? damaged.Wal : damaged.Database;
            if (cuts)
            {
                File.WriteAllBytes(file, bytes[..at]);
            }
            else
            {
                var changed = (byte[])bytes.Clone();
                changed[at] ^= (byte)(1 << bit);
                File.WriteAllBytes(file, changed);
            }

            var read = Read(damaged, out var found);
            Assert.True(found || read == truth, $"{(cuts ? "Cut" : $"Bit {bit} flipped")} at {at} of {bytes.Length} ({Path.GetFileName(file)}), and nothing was detected: {read} instead of {truth}");
            (detected, harmless) = found ? (detected + 1, harmless) : (detected, harmless + 1);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}: {detected} detected, {harmless} harmless of {times} in {bytes.Length} bytes");
        Assert.True(detected > 0, "Nothing was detected: the places were not drawn where anything stands.");
    }

    /// <summary>A folder as kill -9 leaves it: a part in the database, a part in SQLite's log.</summary>
    private StoreFolder Written()
    {
        var store = folder.Open();
        Write(store, 0);
        Assert.Equal(StoreResult.Success, store.CheckpointWal());
        Write(store, 8);
        return folder.Crash();
    }

    private void Write(NodeStore store, ulong from)
    {
        for (var i = from; i < from + 8; i++)
        {
            MustCommit(store, b =>
            {
                b.Append(Group, Entries(1 + (3 * i), 3, 1 + i, bytes: 300));
                b.SetHardState(Group, new HardState(1 + i, 1, 1));
            });
        }

        var writer = store.BeginCheckpoint(Group, Segment);
        MustCommit(store, b =>
        {
            b.SetSnapshot(Group, new SnapshotMark(5, 2, ConfigurationState.OfVoters([1])));
            b.SetRecord(Group, System.Text.Encoding.ASCII.GetBytes($"record {from}"));
            writer.Stage(b, Enumerable.Range(0, 9000).Select(n => (byte)(n + (int)from)).ToArray());
            writer.Finish(b, 5 + from, "state"u8.ToArray());
        });
    }

    /// <summary>Everything that is served from a folder, as text; or that a damage was found.</summary>
    private static string Read(StoreFolder from, out bool found)
    {
        var opening = NodeStore.Open(from.Options, () => 78);
        if (!opening.Succeeded)
        {
            found = true;
            return opening.Message;
        }

        using var store = opening.Store;
        var report = StoreVerifier.Verify(store);
        var image = store.LoadGroup(Group);
        found = report.Damages.Count > 0 || image.Damages.Count > 0 || store.Damages.Count > 0;
        if (found)
        {
            return report.Damages.Concat(image.Damages).Concat(store.Damages).First().Message;
        }

        var chunks = new List<string>();
        foreach (var header in image.Checkpoints)
        {
            using var reader = store.ReadCheckpoint(header.Group, header.Segment);
            while (reader is not null && reader.ReadNext(out var chunk) == ChunkReadStatus.Chunk)
            {
                chunks.Add($"{header.Segment}@{header.AppliedIndex}:{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(chunk.Span))}");
            }
        }

        return $"{store.Identity.Node} {Show(image.Log)} {System.Text.Encoding.ASCII.GetString(image.Record.Span)} {string.Join(' ', chunks)}";
    }
}
