using System.Globalization;
using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Replay;

/// <summary>The keys on which an amplified request is repeated. All of them have the slot of the logged key, so that load grows where it was.</summary>
internal static class DerivedKeys
{
    /// <summary>
    /// Key number <paramref name="number"/> of a logged key; number 0 is the key itself. A key with a hash tag of its own keeps it;
    /// any other becomes the tag. (A key with a closing brace but no tag ends its tag there and may change its slot.)
    /// </summary>
    public static string Of(string key, int number)
    {
        if (number == 0)
        {
            return key;
        }

        var bytes = Encoding.UTF8.GetBytes(key);
        return Slot.HashTag(bytes).Length < bytes.Length
            ? string.Create(CultureInfo.InvariantCulture, $"{key}:{number}")
            : string.Create(CultureInfo.InvariantCulture, $"{{{key}}}:{number}");
    }

    /// <summary>Whether request <paramref name="sequence"/> of the log is sent as a write, for a share of 0..1. Same answer in every run.</summary>
    public static bool TurnsIntoWrite(long sequence, double share)
    {
        var x = (ulong)sequence * 0x9E3779B97F4A7C15UL;
        x ^= x >> 32;
        return (x * 0xBF58476D1CE4E5B9UL) >> 11 < share * (1UL << 53);
    }
}
