using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Node;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Replicas;

/// <summary>What a node remembers of groups that came and went, so that a late order changes nothing.</summary>
public sealed class HostedGroupsTests
{
    private static readonly GroupId Group = GroupId.Of(new ShardId(7));
    private static readonly HostedGroups Deleted = HostedGroups.None.Open(Group, 5, 100).Delete(Group, new HardState(9, 2, 40));

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void An_order_that_is_not_newer_than_the_deleted_copy_is_old(ulong change, bool old) => Assert.Equal(old, Deleted.IsOld(Group, change));

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    [InlineData(6, false)]
    public void An_order_for_a_copy_that_is_here_is_old_only_where_a_later_one_has_opened_it(ulong change, bool old) =>
        Assert.Equal(old, HostedGroups.None.Open(Group, 5, 100).IsOld(Group, change));

    [Fact]
    public void A_group_that_was_never_here_is_opened_by_any_order() => Assert.False(HostedGroups.None.IsOld(Group, 1));

    [Fact]
    public void A_copy_of_the_founding_that_was_deleted_comes_back_by_any_change() =>
        Assert.False(HostedGroups.Founded([Group]).Delete(Group, new HardState(3, 0, 0)).IsOld(Group, 1));

    [Fact]
    public void A_new_copy_begins_in_the_term_of_the_deleted_one_where_that_was_later()
    {
        Assert.Equal(new HardState(9, 2, 0), Deleted.FirstState(Group, new HardState(8, 1, 0)));
        Assert.Equal(new HardState(9, 1, 0), Deleted.FirstState(Group, new HardState(9, 1, 0)));
        Assert.Equal(new HardState(8, 1, 0), HostedGroups.None.FirstState(Group, new HardState(8, 1, 0)));
    }

    [Fact]
    public void Opening_again_keeps_the_index_from_which_the_copy_votes()
    {
        var again = HostedGroups.None.Open(Group, 5, 100).Open(Group, 6, 200);

        Assert.Equal(new HostedGroup(6, 100), again.Held[Group]);
        Assert.Equal(new HostedGroup(6, 200), Deleted.Open(Group, 6, 200).Held[Group]);
    }

    [Fact]
    public void Deleting_twice_forgets_nothing() => Assert.True(Deleted.Delete(Group, default).IsOld(Group, 5));

    [Fact]
    public void It_survives_its_record()
    {
        var other = GroupId.Of(new ShardId(8));
        var groups = Deleted.Open(other, 11, 70);

        var read = HostedStore.Decode(HostedStore.Encode(groups));

        Assert.Equal(groups.Held, read.Held);
        Assert.Equal(groups.Deleted, read.Deleted);
    }

    [Fact]
    public void A_record_from_before_deleted_groups_were_kept_is_read()
    {
        var read = HostedStore.Decode("""{"version":1,"groups":[{"group":"s-07","openedBy":5,"votesFrom":100}]}"""u8);

        Assert.Equal(new HostedGroup(5, 100), Assert.Single(read.Held).Value);
        Assert.Empty(read.Deleted);
    }
}
