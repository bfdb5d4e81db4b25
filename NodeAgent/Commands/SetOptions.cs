using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>Options of SET and GETEX.</summary>
internal struct SetOptions
{
    public bool IfAbsent;
    public bool IfPresent;
    public bool Get;
    public bool KeepTtl;
    public bool Persist;
    public bool HasExpiry;

    /// <summary>Whether the expiry is counted from now; else it is a point in time.</summary>
    public bool Relative;

    /// <summary>Whether it is in seconds; else in milliseconds.</summary>
    public bool Seconds;

    /// <summary>Index of the argument that holds the expiry.</summary>
    public int ExpiryAt;

    /// <summary>Reads the options from argument <paramref name="from"/> on. False: a syntax error.</summary>
    /// <param name="args">The command.</param>
    /// <param name="from">Index of the first option.</param>
    /// <param name="isSet">SET's options, or GETEX's.</param>
    /// <param name="options">What was read.</param>
    public static bool TryRead(CommandArgs args, int from, bool isSet, out SetOptions options)
    {
        options = default;
        for (var i = from; i < args.Count; i++)
        {
            var exclusive = options.HasExpiry || options.KeepTtl || options.Persist;
            if (isSet && args.Is(i, "NX"u8) && !options.IfPresent)
            {
                options.IfAbsent = true;
            }
            else if (isSet && args.Is(i, "XX"u8) && !options.IfAbsent)
            {
                options.IfPresent = true;
            }
            else if (isSet && args.Is(i, "GET"u8))
            {
                options.Get = true;
            }
            else if (isSet && args.Is(i, "KEEPTTL"u8) && !options.HasExpiry)
            {
                options.KeepTtl = true;
            }
            else if (!isSet && args.Is(i, "PERSIST"u8) && !options.HasExpiry)
            {
                options.Persist = true;
            }
            else if (exclusive || i + 1 == args.Count || !TryReadUnit(args, i, ref options))
            {
                return false;
            }
            else
            {
                options.HasExpiry = true;
                options.ExpiryAt = ++i;
            }
        }

        return true;
    }

    /// <summary>The expiry as Unix milliseconds. Null where there is one and it is right; else the error.</summary>
    public readonly string? ReadExpiry(CommandArgs args, long nowMs, string command, out long expiresAtMs)
    {
        expiresAtMs = 0;
        return HasExpiry ? ReadExpiry(args[ExpiryAt], Seconds, Relative, nowMs, command, out expiresAtMs) : null;
    }

    /// <summary>An expiry that must be positive and must not overflow, as SET, SETEX, PSETEX and GETEX take it.</summary>
    public static string? ReadExpiry(ReadOnlySpan<byte> text, bool seconds, bool relative, long nowMs, string command, out long expiresAtMs)
    {
        if (!RespNumber.TryParseInteger(text, out expiresAtMs))
        {
            return Errors.NotInteger;
        }

        if (expiresAtMs <= 0 || (seconds && expiresAtMs > long.MaxValue / 1000))
        {
            return Errors.InvalidExpire(command);
        }

        expiresAtMs *= seconds ? 1000 : 1;
        if (relative && expiresAtMs > long.MaxValue - nowMs)
        {
            return Errors.InvalidExpire(command);
        }

        expiresAtMs += relative ? nowMs : 0;
        return null;
    }

    private static bool TryReadUnit(CommandArgs args, int i, ref SetOptions options)
    {
        var word = args[i];
        options.Relative = word.Length == 2;
        options.Seconds = args.Is(i, "EX"u8) || args.Is(i, "EXAT"u8);
        return options.Seconds || args.Is(i, "PX"u8) || args.Is(i, "PXAT"u8);
    }
}
