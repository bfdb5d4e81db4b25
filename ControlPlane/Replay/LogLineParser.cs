using System.Globalization;
using System.Text;

namespace ShardConsole.ControlPlane.Replay;

/// <summary>Understands one line of a request log. Fields may be quoted; columns may come in any order where a heading names them.</summary>
internal sealed class LogLineParser
{
    /// <summary>timestamp,key,op.</summary>
    public static readonly LogLineParser Default = new(0, 1, 2, -1);

    private static readonly string[] TimeNames = ["timestamp", "time", "ts", "at"];
    private static readonly string[] OpNames = ["op", "operation", "command", "cmd", "method"];

    private static readonly string[] ClientNames = ["client", "connection", "session", "user"];

    /// <summary>Operations that change a key. Whatever is not known here counts as a read: it is never guessed that data change.</summary>
    private static readonly HashSet<string> Writes = new(StringComparer.OrdinalIgnoreCase)
    {
        "WRITE", "W", "PUT", "POST", "PATCH", "DELETE", "UPDATE", "INSERT", "ADD", "REPLACE", "CAS", "PREPEND", "STORE",
        "SET", "SETNX", "SETEX", "PSETEX", "GETSET", "GETDEL", "GETEX", "MSET", "MSETNX", "APPEND", "SETRANGE", "SETBIT", "INCR", "DECR", "INCRBY", "DECRBY",
        "INCRBYFLOAT", "DEL", "UNLINK", "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT", "PERSIST", "RENAME", "RENAMENX", "COPY", "HSET", "HSETNX", "HMSET", "HDEL",
        "HINCRBY", "HINCRBYFLOAT", "LPUSH", "RPUSH", "LPUSHX", "RPUSHX", "LPOP", "RPOP", "LSET", "LREM", "LTRIM", "LINSERT", "SADD", "SREM", "SPOP", "SMOVE", "ZADD",
        "ZREM", "ZINCRBY", "ZPOPMIN", "ZPOPMAX", "PFADD", "XADD", "XDEL", "XTRIM", "GEOADD",
    };

    private readonly int timeColumn;
    private readonly int keyColumn;
    private readonly int opColumn;
    private readonly int clientColumn;

    private LogLineParser(int timeColumn, int keyColumn, int opColumn, int clientColumn)
    {
        this.timeColumn = timeColumn;
        this.keyColumn = keyColumn;
        this.opColumn = opColumn;
        this.clientColumn = clientColumn;
    }

    /// <summary>The parser of a heading; null when the line is none.</summary>
    public static LogLineParser? FromHeading(string line)
    {
        var names = Split(line)?.ConvertAll(n => n.Trim());
        if (names is null)
        {
            return null;
        }

        var time = names.FindIndex(n => TimeNames.Contains(n, StringComparer.OrdinalIgnoreCase));
        var key = names.FindIndex(n => n.Equals("key", StringComparison.OrdinalIgnoreCase));
        var op = names.FindIndex(n => OpNames.Contains(n, StringComparer.OrdinalIgnoreCase));
        var client = names.FindIndex(n => ClientNames.Contains(n, StringComparer.OrdinalIgnoreCase));
        return time >= 0 && key >= 0 && op >= 0 ? new LogLineParser(time, key, op, client) : null;
    }

    /// <summary>Parses a line. Null, or why it cannot be understood.</summary>
    public string? Parse(string line, out LoggedRequest request)
    {
        request = default;
        if (line.Length > LogReader.MaxLineLength)
        {
            return $"longer than {LogReader.MaxLineLength} characters";
        }

        if (line.Contains('\0', StringComparison.Ordinal))
        {
            return "not text";
        }

        if (Split(line) is not { } fields)
        {
            return "a quote is not closed";
        }

        var needed = Math.Max(timeColumn, Math.Max(keyColumn, opColumn)) + 1;
        if (fields.Count < needed)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{fields.Count} fields instead of {needed}");
        }

        if (!TryTime(fields[timeColumn].Trim(), out var at))
        {
            return "the timestamp is neither ISO 8601 nor Unix time of the years 1970 to 2100";
        }

        if (fields[keyColumn].Length == 0)
        {
            return "the key is empty";
        }

        var op = fields[opColumn].Trim();
        if (op.Length == 0)
        {
            return "the operation is empty";
        }

        request = new LoggedRequest(at, fields[keyColumn], Writes.Contains(op), clientColumn >= 0 && clientColumn < fields.Count ? fields[clientColumn] : null);
        return null;
    }

    /// <summary>Reads ISO 8601 (UTC where it names no zone) or Unix time in s, ms, µs or ns, which their sizes tell apart.</summary>
    public static bool TryTime(string text, out DateTimeOffset at)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            var seconds = number < 1e11 ? number : number < 1e14 ? number / 1e3 : number < 1e17 ? number / 1e6 : number / 1e9;
            var fits = seconds is >= 0 and < 4.1e9;
            at = fits ? DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond)) : default;
            return fits;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at)
            && at.Year is >= 1970 and <= 2100 && text.Length >= 10;
    }

    /// <summary>The fields of a line; null when a quote is not closed.</summary>
    private static List<string>? Split(string line)
    {
        if (!line.Contains('"', StringComparison.Ordinal))
        {
            return [.. line.Split(',')];
        }

        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (line[i] == '"' && (quoted || field.Length == 0))
            {
                quoted = !quoted;
            }
            else if (line[i] == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(line[i]);
            }
        }

        fields.Add(field.ToString());
        return quoted ? null : fields;
    }
}
