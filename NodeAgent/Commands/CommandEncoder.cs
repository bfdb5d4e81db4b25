using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>
/// A write command in the log: format version 1, number of arguments, then each argument's length and bytes; numbers as unsigned LEB128.
/// Persisted: a change of it is a new version, and readers keep the one before.
/// </summary>
internal sealed class CommandEncoder
{
    /// <summary>Version that is written.</summary>
    public const byte Version = 1;

    private readonly ReplyBuffer arguments = new();

    /// <summary>Arguments added.</summary>
    public int Count { get; private set; }

    public void Clear()
    {
        arguments.Clear();
        Count = 0;
    }

    public CommandEncoder Add(ReadOnlySpan<byte> argument)
    {
        var span = arguments.GetSpan(argument.Length + 5);
        var at = WriteNumber(argument.Length, span);
        argument.CopyTo(span[at..]);
        arguments.Advance(at + argument.Length);
        Count++;
        return this;
    }

    public CommandEncoder Add(long number)
    {
        Span<byte> text = stackalloc byte[RespNumber.MaxIntegerLength];
        return Add(text[..RespNumber.Write(number, text)]);
    }

    /// <summary>The command made of the arguments added.</summary>
    public byte[] ToArray()
    {
        Span<byte> header = stackalloc byte[6];
        header[0] = Version;
        var length = 1 + WriteNumber(Count, header[1..]);
        return [.. header[..length], .. arguments.Written];
    }

    /// <summary>The command made of the client's arguments as they are.</summary>
    public static byte[] Encode(CommandArgs args)
    {
        var length = 1 + LengthOfNumber(args.Count);
        for (var i = 0; i < args.Count; i++)
        {
            length += LengthOfNumber(args[i].Length) + args[i].Length;
        }

        var bytes = GC.AllocateUninitializedArray<byte>(length);
        bytes[0] = Version;
        var at = 1 + WriteNumber(args.Count, bytes.AsSpan(1));
        for (var i = 0; i < args.Count; i++)
        {
            at += WriteNumber(args[i].Length, bytes.AsSpan(at));
            args[i].CopyTo(bytes.AsSpan(at));
            at += args[i].Length;
        }

        return bytes;
    }

    /// <summary>Number of arguments of an encoded command.</summary>
    /// <exception cref="InvalidDataException">The version is not known.</exception>
    public static int CountOf(ReadOnlySpan<byte> command)
    {
        if (command.IsEmpty || command[0] != Version)
        {
            throw new InvalidDataException($"A command of format {(command.IsEmpty ? 0 : command[0])} was found in the log; this node reads {Version}.");
        }

        var at = 1;
        return ReadNumber(command, ref at);
    }

    /// <summary>Finds the arguments of an encoded command.</summary>
    /// <param name="command">The encoded command.</param>
    /// <param name="slices">Takes where each argument lies; exactly <see cref="CountOf"/> long.</param>
    public static CommandArgs Decode(ReadOnlySpan<byte> command, Span<ArgSlice> slices)
    {
        var at = 1;
        ReadNumber(command, ref at);
        for (var i = 0; i < slices.Length; i++)
        {
            var length = ReadNumber(command, ref at);
            slices[i] = new ArgSlice(at, length);
            at += length;
        }

        return new CommandArgs(command, slices);
    }

    /// <summary>The second argument of an encoded command; empty where there is none, or what is there is no command of a known format.</summary>
    public static ReadOnlySpan<byte> SecondArgument(ReadOnlySpan<byte> command)
    {
        if (command.Length < 4 || command[0] != Version || command[1] is < 2 or > 0x7F)
        {
            return [];
        }

        var at = 2;
        for (var skipped = false; at < command.Length && command[at] < 0x80; skipped = true)
        {
            var length = command[at++];
            if (skipped || length > command.Length - at)
            {
                return command.Slice(at, Math.Min(length, command.Length - at));
            }

            at += length;
        }

        return [];
    }

    private static int LengthOfNumber(int value) => value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;

    private static int WriteNumber(int value, Span<byte> destination)
    {
        var rest = (uint)value;
        var at = 0;
        while (rest >= 0x80)
        {
            destination[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        destination[at++] = (byte)rest;
        return at;
    }

    private static int ReadNumber(ReadOnlySpan<byte> bytes, ref int at)
    {
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[at++];
            value |= (uint)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return (int)value;
            }
        }
    }
}
