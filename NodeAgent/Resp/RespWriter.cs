using System.Buffers;
using System.Globalization;
using System.Text;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>
/// Writes replies in RESP2 or RESP3. What RESP2 has no type for is written as Redis does for it: a map as a flat array, a double as a bulk string,
/// a boolean as 0 or 1, a push as an array. Over no output it writes nothing: a command is applied and nobody waits for the reply.
/// </summary>
/// <param name="output">Where replies go; null for nowhere.</param>
/// <param name="protocol">2 or 3.</param>
internal readonly ref struct RespWriter(IBufferWriter<byte>? output, int protocol)
{
    private readonly IBufferWriter<byte>? output = output;

    /// <summary>2 or 3.</summary>
    public int Protocol { get; } = protocol;

    /// <summary>The same output in another version of the protocol.</summary>
    public RespWriter With(int version) => new(output, version);

    /// <summary>+OK.</summary>
    public void Ok() => Raw("+OK\r\n"u8);

    /// <summary>A simple string; without CR and LF.</summary>
    public void Simple(string text) => Line((byte)'+', text);

    /// <summary>An error: its first word is the code clients look at. CR and LF become blanks.</summary>
    public void Error(string text) => Line((byte)'-', text.AsSpan().ContainsAny('\r', '\n') ? text.Replace('\r', ' ').Replace('\n', ' ') : text);

    public void Integer(long value) => Header((byte)':', value);

    public void Bulk(ReadOnlySpan<byte> bytes)
    {
        if (output is null)
        {
            return;
        }

        var span = output.GetSpan(bytes.Length + RespNumber.MaxIntegerLength + 5);
        span[0] = (byte)'$';
        var at = 1 + RespNumber.Write(bytes.Length, span[1..]);
        span[at] = (byte)'\r';
        span[at + 1] = (byte)'\n';
        bytes.CopyTo(span[(at + 2)..]);
        at += 2 + bytes.Length;
        span[at] = (byte)'\r';
        span[at + 1] = (byte)'\n';
        output.Advance(at + 2);
    }

    /// <summary>A bulk string from text, in UTF-8.</summary>
    public void Bulk(string text) => Bulk(Encoding.UTF8.GetBytes(text));

    /// <summary>A number as a bulk string.</summary>
    public void BulkInteger(long value)
    {
        Span<byte> text = stackalloc byte[RespNumber.MaxIntegerLength];
        Bulk(text[..RespNumber.Write(value, text)]);
    }

    /// <summary>No value.</summary>
    public void Null() => Raw(Protocol >= 3 ? "_\r\n"u8 : "$-1\r\n"u8);

    /// <summary>No array; in RESP3 the same as <see cref="Null"/>.</summary>
    public void NullArray() => Raw(Protocol >= 3 ? "_\r\n"u8 : "*-1\r\n"u8);

    /// <summary>Begins an array; that many replies follow.</summary>
    public void Array(int count) => Header((byte)'*', count);

    /// <summary>Begins a map; that many pairs of replies follow.</summary>
    public void Map(int pairs) => Header(Protocol >= 3 ? (byte)'%' : (byte)'*', Protocol >= 3 ? pairs : pairs * 2);

    /// <summary>Begins a set; that many replies follow.</summary>
    public void Set(int count) => Header(Protocol >= 3 ? (byte)'~' : (byte)'*', count);

    /// <summary>Begins a message out of turn; that many replies follow.</summary>
    public void Push(int count) => Header(Protocol >= 3 ? (byte)'>' : (byte)'*', count);

    public void Boolean(bool value)
    {
        if (Protocol >= 3)
        {
            Raw(value ? "#t\r\n"u8 : "#f\r\n"u8);
            return;
        }

        Integer(value ? 1 : 0);
    }

    public void Double(double value)
    {
        var text = double.IsPositiveInfinity(value) ? "inf" : double.IsNegativeInfinity(value) ? "-inf" : double.IsNaN(value) ? "nan"
            : value.ToString("R", CultureInfo.InvariantCulture);
        if (Protocol >= 3)
        {
            Line((byte)',', text);
            return;
        }

        Bulk(text);
    }

    /// <summary>Text that is meant to be shown as it is.</summary>
    /// <param name="format">Three letters: "txt" or "mkd".</param>
    /// <param name="text">The text.</param>
    public void Verbatim(string format, string text)
    {
        if (Protocol < 3)
        {
            Bulk(text);
            return;
        }

        Header((byte)'=', Encoding.UTF8.GetByteCount(text) + 4);
        Raw(Encoding.UTF8.GetBytes(format + ":" + text + "\r\n"));
    }

    /// <summary>Bytes that are RESP already.</summary>
    public void Raw(ReadOnlySpan<byte> resp)
    {
        if (output is not null)
        {
            output.Write(resp);
        }
    }

    private void Line(byte type, string text)
    {
        if (output is null)
        {
            return;
        }

        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length) + 3);
        span[0] = type;
        var at = 1 + Encoding.UTF8.GetBytes(text, span[1..]);
        span[at] = (byte)'\r';
        span[at + 1] = (byte)'\n';
        output.Advance(at + 2);
    }

    private void Header(byte type, long value)
    {
        if (output is null)
        {
            return;
        }

        var span = output.GetSpan(RespNumber.MaxIntegerLength + 3);
        span[0] = type;
        var at = 1 + RespNumber.Write(value, span[1..]);
        span[at] = (byte)'\r';
        span[at + 1] = (byte)'\n';
        output.Advance(at + 2);
    }
}
