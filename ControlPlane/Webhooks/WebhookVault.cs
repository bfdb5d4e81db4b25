using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using ShardConsole.ControlPlane.Webhooks.Core;

namespace ShardConsole.ControlPlane.Webhooks;

/// <summary>Secrets and addresses as they lie in the database: protected by the keys of the data folder, since a signature needs the secret itself and not its hash.</summary>
internal sealed class WebhookVault(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("ShardConsole.Webhooks.v1");

    /// <summary>A fresh secret, 256 random bits.</summary>
    public static string NewSecret() => WebhookSignature.SecretPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>As it is kept.</summary>
    public string Protect(string text) => protector.Protect(text);

    /// <summary>As it was; null where the keys of the data folder are not those that protected it.</summary>
    public string? TryUnprotect(string kept)
    {
        try
        {
            return protector.Unprotect(kept);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
