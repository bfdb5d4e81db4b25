using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Storage;

public sealed unsafe class WalGatherTests
{
    private const int Full = 13;

    [ThreadStatic]
    private static List<(long At, byte[] Bytes)>? written;

    [ThreadStatic]
    private static int answer;

    [Fact]
    public void Pieces_one_behind_the_other_are_written_at_once_when_they_are_wanted()
    {
        using var gather = NewGather();
        Assert.Equal(SqliteFiles.Ok, Write(gather, 32, 1, 2));
        Assert.Equal(SqliteFiles.Ok, Write(gather, 34, 3));
        Assert.Empty(written!);
        Assert.Equal(SqliteFiles.Ok, gather.Flush());
        Assert.Equal([(32L, "1 2 3")], Written());
        Assert.Equal(SqliteFiles.Ok, gather.Flush());
        Assert.Single(written!);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(35)]
    public void A_piece_that_lies_elsewhere_comes_after_what_was_kept(long elsewhere)
    {
        using var gather = NewGather();
        Write(gather, 32, 1, 2);
        Write(gather, elsewhere, 9);
        Assert.Equal([(32L, "1 2")], Written());
        gather.Flush();
        Assert.Equal([(32L, "1 2"), (elsewhere, "9")], Written());
    }

    [Fact]
    public void What_is_kept_has_a_limit_and_a_longer_piece_is_not_kept()
    {
        using var gather = NewGather();
        Write(gather, 0, new byte[WalGather.MaxBytes - 1]);
        Write(gather, WalGather.MaxBytes - 1, 1);
        Assert.Empty(written!);
        Write(gather, WalGather.MaxBytes, 2);
        Assert.Equal(WalGather.MaxBytes, Assert.Single(written!).Bytes.Length);
        Write(gather, WalGather.MaxBytes + 1, new byte[WalGather.MaxBytes + 1]);
        Assert.Equal([0, WalGather.MaxBytes, WalGather.MaxBytes + 1], written!.Select(w => w.At));
        Assert.Equal(WalGather.MaxBytes + 1, written![2].Bytes.Length);
    }

    [Fact]
    public void An_error_is_told_by_the_flush_and_nothing_is_kept_after_it()
    {
        using var gather = NewGather();
        Write(gather, 0, 1);
        answer = Full;
        Assert.Equal(Full, gather.Flush());
        answer = SqliteFiles.Ok;
        Assert.Equal(SqliteFiles.Ok, gather.Flush());
        Assert.Single(written!);
        Write(gather, 0, 1);
        answer = Full;
        Assert.Equal(Full, Write(gather, 5, 2));
    }

    private static WalGather NewGather()
    {
        (written, answer) = ([], SqliteFiles.Ok);
        return new WalGather(0, (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)&Below);
    }

    private static int Write(WalGather gather, long at, params byte[] bytes)
    {
        fixed (byte* start = bytes)
        {
            return gather.Write(start, bytes.Length, at);
        }
    }

    private static IEnumerable<(long At, string Bytes)> Written() => written!.Select(w => (w.At, string.Join(' ', w.Bytes)));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Below(nint file, byte* bytes, int count, long at)
    {
        written!.Add((at, new ReadOnlySpan<byte>(bytes, count).ToArray()));
        return answer;
    }
}
