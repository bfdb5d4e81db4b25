namespace ShardConsole.NodeAgent.Resp;

/// <summary>Where one argument lies in the bytes of its command.</summary>
internal readonly record struct ArgSlice(int Start, int Length);

/// <summary>
/// The arguments of one command, the name first, as slices of the bytes they arrived in: nothing is copied. Valid as long as those bytes are.
/// </summary>
internal readonly ref struct CommandArgs(ReadOnlySpan<byte> bytes, ReadOnlySpan<ArgSlice> slices)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private readonly ReadOnlySpan<ArgSlice> slices = slices;

    /// <summary>Number of arguments, the name included; at least 1.</summary>
    public int Count => slices.Length;

    /// <summary>Argument <paramref name="i"/>; 0 is the name.</summary>
    public ReadOnlySpan<byte> this[int i]
    {
        get
        {
            var slice = slices[i];
            return bytes.Slice(slice.Start, slice.Length);
        }
    }

    /// <summary>True when argument <paramref name="i"/> is the given word, in any case.</summary>
    /// <param name="i">Index of the argument.</param>
    /// <param name="word">The word in capital letters.</param>
    public bool Is(int i, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(this[i], word);

    /// <summary>Sum of the lengths of all arguments, bytes.</summary>
    public int TotalBytes()
    {
        var sum = 0;
        foreach (var slice in slices)
        {
            sum += slice.Length;
        }

        return sum;
    }

    private static class Ascii
    {
        public static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
            left.Length == right.Length && System.Text.Ascii.EqualsIgnoreCase(left, right);
    }
}
