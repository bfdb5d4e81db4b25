namespace ShardConsole.NodeAgent.Resp;

/// <summary>What <see cref="RespParser.Parse"/> made of the bytes that are there.</summary>
internal enum ParseStatus : byte
{
    /// <summary>The command is not complete: call again with the same bytes and more behind them.</summary>
    NeedMore,

    /// <summary>A command is complete: <see cref="RespParser.Args"/>. <see cref="RespParser.Consumed"/> bytes are its own.</summary>
    Command,

    /// <summary>An empty line or an empty array: nothing to do and nothing to answer. <see cref="RespParser.Consumed"/> bytes are used up.</summary>
    Nothing,

    /// <summary>The bytes are not RESP, or over a limit: answer <see cref="RespParser.Error"/> and close the connection.</summary>
    Error,
}

/// <summary>
/// Reads commands from bytes: RESP arrays of bulk strings, and inline commands. Resumes where it stopped, so a command that arrives in n pieces costs
/// its length once, not n times. Pure; one per connection.
/// Like Redis it takes the two bytes behind a bulk string and behind a length for CR LF without looking at them.
/// </summary>
internal sealed class RespParser(RespLimits limits)
{
    private const int KeptSlices = 64;

    private ArgSlice[] slices = new ArgSlice[8];
    private int count;

    /// <summary>Arguments still to come; -1 before the header of the command has been read.</summary>
    private int remaining = -1;

    /// <summary>Length of the argument whose header has been read; -1 between arguments.</summary>
    private int bulkLength = -1;

    /// <summary>First byte not yet understood, from the start of the command.</summary>
    private int position;

    /// <summary>First byte in which the end of the current line has not yet been looked for.</summary>
    private int searched;

    private bool complete;

    /// <summary>Whether the command was inline: then its arguments lie in <see cref="inlineBytes"/>, because a quoted word is not its own bytes.</summary>
    private bool isInline;

    private byte[] inlineBytes = [];

    /// <summary>Whether the larger limits apply. Set by the owner.</summary>
    public bool Authenticated { get; set; } = true;

    /// <summary>Bytes of the command that was completed last.</summary>
    public int Consumed { get; private set; }

    /// <summary>Bytes from the command's start without which another call cannot get further.</summary>
    public int Needed { get; private set; } = 1;

    /// <summary>What was wrong, as Redis says it: "Protocol error: …".</summary>
    public string Error { get; private set; } = "";

    /// <summary>The arguments of the command that was completed last.</summary>
    /// <param name="data">The bytes that were given to <see cref="Parse"/>.</param>
    public CommandArgs Args(ReadOnlySpan<byte> data) => new(isInline ? inlineBytes : data, slices.AsSpan(0, count));

    /// <summary>Reads on. <paramref name="data"/> begins at the first byte of the command under way.</summary>
    public ParseStatus Parse(ReadOnlySpan<byte> data)
    {
        if (complete)
        {
            Begin();
        }

        if (data.Length < Needed)
        {
            return ParseStatus.NeedMore;
        }

        if (remaining < 0)
        {
            var header = data[0] == '*' ? ReadHeader(data) : ReadInline(data);
            if (header is not null)
            {
                return header.Value;
            }
        }

        return ReadArguments(data);
    }

    private void Begin()
    {
        complete = isInline = false;
        inlineBytes = [];
        remaining = bulkLength = -1;
        count = position = searched = 0;
        Needed = 1;
        if (slices.Length > KeptSlices)
        {
            slices = new ArgSlice[8];
        }
    }

    /// <summary>Null: the header is read and arguments follow.</summary>
    private ParseStatus? ReadHeader(ReadOnlySpan<byte> data)
    {
        var end = FindLineEnd(data, (byte)'\r', 1);
        if (end < 0)
        {
            return data.Length > limits.MaxInlineBytes ? Fail("too big mbulk count string") : More(data.Length + 1);
        }

        if (!RespNumber.TryParseInteger(data[1..end], out var number) || number > limits.MaxArguments)
        {
            return Fail("invalid multibulk length");
        }

        if (!Authenticated && number > limits.MaxUnauthenticatedArguments)
        {
            return Fail("unauthenticated multibulk length");
        }

        position = searched = end + 2;
        if (number <= 0)
        {
            return Done(ParseStatus.Nothing);
        }

        remaining = (int)number;
        return null;
    }

    private ParseStatus ReadArguments(ReadOnlySpan<byte> data)
    {
        while (remaining > 0)
        {
            if (bulkLength < 0)
            {
                var status = ReadBulkHeader(data);
                if (status != ParseStatus.Command)
                {
                    return status;
                }
            }

            var end = (long)position + bulkLength + 2;
            if (end > limits.MaxCommandBytes)
            {
                return TooLong();
            }

            if (end > data.Length)
            {
                return More((int)end);
            }

            Add(position, bulkLength);
            position = searched = (int)end;
            bulkLength = -1;
            remaining--;
        }

        return Done(ParseStatus.Command);
    }

    private ParseStatus ReadBulkHeader(ReadOnlySpan<byte> data)
    {
        if (TryReadShortHeader(data))
        {
            return ParseStatus.Command;
        }

        var end = FindLineEnd(data, (byte)'\r', position);
        if (end < 0)
        {
            return data.Length - position > limits.MaxInlineBytes ? Fail("too big bulk count string")
                : data.Length > limits.MaxCommandBytes ? TooLong()
                : More(Math.Max(data.Length, position) + 1);
        }

        if (data[position] != '$')
        {
            return Fail($"expected '$', got '{(char)data[position]}'");
        }

        if (!RespNumber.TryParseInteger(data[(position + 1)..end], out var length) || length < 0 || length > limits.MaxBulkBytes)
        {
            return Fail("invalid bulk length");
        }

        if (!Authenticated && length > limits.MaxUnauthenticatedBulkBytes)
        {
            return Fail("unauthenticated bulk length");
        }

        bulkLength = (int)length;
        position = end + 2;
        return ParseStatus.Command;
    }

    /// <summary>The header of nearly every argument: "$", one or two digits, CR LF, all of it there. False: it is read the long way.</summary>
    private bool TryReadShortHeader(ReadOnlySpan<byte> data)
    {
        if (position + 5 > data.Length || data[position] != '$' || !Authenticated)
        {
            return false;
        }

        var length = data[position + 1] - '0';
        if (length is < 0 or > 9)
        {
            return false;
        }

        var end = position + 2;
        if (data[end] != '\r')
        {
            var second = data[end] - '0';
            if (length == 0 || second is < 0 or > 9 || data[end + 1] != '\r' || end + 3 > data.Length)
            {
                return false;
            }

            length = (length * 10) + second;
            end++;
        }

        if (length > limits.MaxBulkBytes)
        {
            return false;
        }

        bulkLength = length;
        position = searched = end + 2;
        return true;
    }

    private ParseStatus? ReadInline(ReadOnlySpan<byte> data)
    {
        var end = FindLineEnd(data, (byte)'\n', 0);
        if (end < 0)
        {
            return data.Length > limits.MaxInlineBytes ? Fail("too big inline request") : More(data.Length + 1);
        }

        position = end + 1;
        var line = data[..(end > 0 && data[end - 1] == '\r' ? end - 1 : end)];
        isInline = true;
        inlineBytes = new byte[line.Length];
        var words = new List<ArgSlice>();
        if (!InlineWords.TrySplit(line, inlineBytes, words))
        {
            return Fail("unbalanced quotes in request");
        }

        foreach (var word in words)
        {
            Add(word.Start, word.Length);
        }

        return Done(count == 0 ? ParseStatus.Nothing : ParseStatus.Command);
    }

    private int FindLineEnd(ReadOnlySpan<byte> data, byte wanted, int from)
    {
        from = Math.Max(from, searched);
        if (from >= data.Length)
        {
            return -1;
        }

        var found = data[from..].IndexOf(wanted);
        searched = found < 0 ? data.Length : from + found;

        // The byte behind CR must be there too.
        return found < 0 || (wanted == '\r' && searched + 1 >= data.Length) ? -1 : searched;
    }

    private void Add(int start, int length)
    {
        if (count == slices.Length)
        {
            Array.Resize(ref slices, count * 2);
        }

        slices[count++] = new ArgSlice(start, length);
    }

    private ParseStatus Done(ParseStatus status)
    {
        complete = true;
        Consumed = position;
        return status;
    }

    private ParseStatus More(int needed)
    {
        Needed = needed;
        return ParseStatus.NeedMore;
    }

    private ParseStatus TooLong() => Fail($"command over the limit of {limits.MaxCommandBytes} bytes");

    private ParseStatus Fail(string what)
    {
        Error = "Protocol error: " + what;
        return ParseStatus.Error;
    }
}
