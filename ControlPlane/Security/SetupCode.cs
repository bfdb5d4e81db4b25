using System.Security.Cryptography;
using System.Text;

namespace ShardConsole.ControlPlane.Security;

/// <summary>The code of the one-time link that creates the first administrator: drawn at each start while there is none, valid once and for a while.</summary>
internal sealed class SetupCode
{
    private readonly Lock gate = new();
    private readonly byte[] code;
    private bool used;

    /// <summary>A fresh code.</summary>
    public SetupCode(DateTimeOffset expiresAt)
    {
        ExpiresAt = expiresAt;
        Text = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        code = Encoding.ASCII.GetBytes(Text);
    }

    /// <summary>The code, 32 hexadecimal digits.</summary>
    public string Text { get; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Whether this is the code and it still works; it is not used up.</summary>
    public bool IsValid(string? text, DateTimeOffset now)
    {
        lock (gate)
        {
            return !used && now < ExpiresAt && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text ?? ""), code);
        }
    }

    /// <summary>Uses the code up; false when it was used before.</summary>
    public bool TryUse()
    {
        lock (gate)
        {
            var first = !used;
            used = true;
            return first;
        }
    }

    /// <summary>Makes it usable again: creating the administrator failed.</summary>
    public void GiveBack()
    {
        lock (gate)
        {
            used = false;
        }
    }
}
