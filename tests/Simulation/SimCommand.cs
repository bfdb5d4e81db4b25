using System.Globalization;
using System.Text;

namespace ShardConsole.Simulation;

/// <summary>A command of the simulator: "key=attempt" sets the key to the id of the attempt, "key=!attempt" deletes it, "key=attempt~time" sets it with an expiry (Unix ms).</summary>
internal readonly record struct SimCommand(string Key, string Attempt, bool Removes, long ExpiresAtMs)
{
    /// <summary>What is there after it; null: nothing.</summary>
    public string? Value => Removes ? null : Attempt;

    /// <summary>The command as it stands in an entry.</summary>
    public byte[] Encode() => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{Key}={(Removes ? "!" : "")}{Attempt}{(ExpiresAtMs == 0 ? "" : $"~{ExpiresAtMs}")}"));

    /// <summary>Reads a command.</summary>
    public static SimCommand Decode(ReadOnlySpan<byte> data)
    {
        var text = Encoding.UTF8.GetString(data);
        var (at, until) = (text.IndexOf('='), text.IndexOf('~'));
        var rest = until < 0 ? text[(at + 1)..] : text[(at + 1)..until];
        return new SimCommand(text[..at], rest.TrimStart('!'), rest.StartsWith('!'), until < 0 ? 0 : long.Parse(text[(until + 1)..], CultureInfo.InvariantCulture));
    }
}
