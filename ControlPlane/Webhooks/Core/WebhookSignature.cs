using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ShardConsole.ControlPlane.Webhooks.Core;

/// <summary>
/// The header that proves who sent a delivery and when: "t=1767225600,v1=…", where v1 is HMAC-SHA256 over the timestamp, a full stop and the body, hexadecimal.
/// The timestamp is inside the signature, so that a delivery that was overheard cannot be sent again later.
/// </summary>
internal static class WebhookSignature
{
    /// <summary>Name of the header.</summary>
    public const string Header = "X-ShardConsole-Signature";

    /// <summary>What every secret begins with, so that it can be found in the wrong places.</summary>
    public const string SecretPrefix = "whs_";

    /// <summary>The header's value for a body that is sent at a moment (real time; whole seconds count).</summary>
    public static string Of(string secret, DateTimeOffset at, string body)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={seconds},v1={Hmac(secret, seconds, body)}";
    }

    /// <summary>Whether a header's value is right for the body, and not further from <paramref name="now"/> than <paramref name="tolerance"/>. What a receiver does.</summary>
    public static bool IsValid(string secret, string header, string body, DateTimeOffset now, TimeSpan tolerance)
    {
        var parts = header.Split(',').Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToLookup(p => p[0], p => p[1]);
        return parts["t"].FirstOrDefault() is { } seconds && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var sent)
            && Math.Abs(now.ToUnixTimeSeconds() - sent) <= tolerance.TotalSeconds
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(parts["v1"].FirstOrDefault() ?? ""), Encoding.ASCII.GetBytes(Hmac(secret, seconds, body)));
    }

    private static string Hmac(string secret, string seconds, string body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")));
}
