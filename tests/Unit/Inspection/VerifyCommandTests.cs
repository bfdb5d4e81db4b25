using ShardConsole.NodeAgent;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Inspection;
using ShardConsole.Unit.Storage;
using static ShardConsole.Unit.Storage.StoreFolder;

namespace ShardConsole.Unit.Inspection;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public VerifyCommandTests()
    {
        using var store = folder.Open();
        var writer = store.BeginCheckpoint(Group, new(2));
        MustCommit(store, b =>
        {
            b.SetHardState(Group, new HardState(4, 7, 3));
            b.Append(Group, Entries(1, 6, 4));
            b.SetSnapshot(Group, new SnapshotMark(2, 4, ConfigurationState.OfVoters([7])));
            writer.Stage(b, new byte[9000]);
            writer.Finish(b, 3, "state"u8.ToArray());
        });
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sound_folder_is_reported_with_exit_code_0_and_left_as_it_is()
    {
        var before = File.ReadAllBytes(folder.Database);
        var (code, report) = Verify();
        Assert.Equal(0, code);
        Assert.Contains("term 4, vote 7, commit 3, snapshot 2, log 1..6, 1 checkpoints", report, StringComparison.Ordinal);
        Assert.Contains("sound; 1 groups, 6 log entries", report, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(folder.Database));
    }

    [Theory]
    [InlineData("log", "damage (Log)", "must not vote")]
    [InlineData("hard_state", "damage (HardState)", "must not vote")]
    [InlineData("identity", "the node's identity", "must not vote")]
    [InlineData("chunk", "damage (Checkpoint)", "fetched again")]
    public void A_flipped_bit_is_named_with_exit_code_1(string table, string damage, string verdict)
    {
        folder.FlipBlob(table);
        var (code, report) = Verify();
        Assert.Equal(1, code);
        Assert.Contains(damage, report, StringComparison.Ordinal);
        Assert.Contains(verdict, report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_use_or_without_a_store_is_refused()
    {
        using (folder.Open())
        {
            Assert.Contains("Stop the node", Assert.Throws<StartupException>(() => Verify()).Message, StringComparison.Ordinal);
        }

        File.Delete(folder.Database);
        Assert.Contains("There is no node.db", Assert.Throws<StartupException>(() => Verify()).Message, StringComparison.Ordinal);
    }

    private (int Code, string Report) Verify()
    {
        using var output = new StringWriter();
        return (VerifyCommand.Run(folder.Path, output), output.ToString());
    }
}
