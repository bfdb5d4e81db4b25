namespace ShardConsole.ControlPlane.Fleet;

/// <summary>
/// Which sequences of one boot of one node were taken: the highest, and a window of bits below it. What lies below the window counts as
/// taken. Not safe for concurrent use.
/// </summary>
internal sealed class SequenceWindow
{
    /// <summary>Sequences below the highest that can still come: more than a node keeps while the control plane is away.</summary>
    public const int Length = 4096;

    private readonly byte[] bits;

    /// <summary>A window in which nothing was taken.</summary>
    public SequenceWindow()
        : this(0, new byte[Length / 8])
    {
    }

    private SequenceWindow(long last, byte[] bits)
    {
        Last = last;
        this.bits = bits;
    }

    /// <summary>The highest sequence taken; 0 when none was.</summary>
    public long Last { get; private set; }

    /// <summary>Reads a kept window; an empty one where the bits have another length.</summary>
    public static SequenceWindow Restore(long last, byte[] bits) =>
        bits.Length == Length / 8 ? new SequenceWindow(last, (byte[])bits.Clone()) : new SequenceWindow(last, [.. Enumerable.Repeat((byte)0xFF, Length / 8)]);

    /// <summary>Takes a sequence of at least 1. False when it was taken before, or is too old to know.</summary>
    public bool TryTake(long sequence)
    {
        if (sequence <= Last - Length)
        {
            return false;
        }

        for (; Last < sequence; Last++)
        {
            if (sequence - Last > Length)
            {
                Array.Clear(bits);
                Last = sequence - 1;
            }

            Set(Last + 1, false);
        }

        if (IsSet(sequence))
        {
            return false;
        }

        Set(sequence, true);
        return true;
    }

    /// <summary>Gives a sequence back that was taken but could not be used.</summary>
    public void GiveBack(long sequence)
    {
        if (sequence > Last - Length && sequence <= Last)
        {
            Set(sequence, false);
        }
    }

    /// <summary>A copy of the bits, to be kept with <see cref="Last"/>.</summary>
    public byte[] Bits() => (byte[])bits.Clone();

    private bool IsSet(long sequence) => (bits[(int)(sequence % Length) / 8] & (1 << (int)(sequence % 8))) != 0;

    private void Set(long sequence, bool value)
    {
        ref var cell = ref bits[(int)(sequence % Length) / 8];
        var mask = (byte)(1 << (int)(sequence % 8));
        cell = value ? (byte)(cell | mask) : (byte)(cell & ~mask);
    }
}
