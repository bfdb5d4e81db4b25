using ShardConsole.Shared.Security;

namespace ShardConsole.ControlPlane.Security;

/// <summary>Reads certificates and keys from PEM files.</summary>
internal static class TlsFiles
{
    /// <summary>Reads them.</summary>
    /// <exception cref="StartupException">A file is missing, or what <see cref="TlsIdentity.FromPem"/> refuses.</exception>
    public static TlsIdentity Load(string certificatePath, string keyPath, DateTimeOffset now)
    {
        try
        {
            return TlsIdentity.FromPem(certificatePath, Read("--tls-certificate", certificatePath), keyPath, Read("--tls-key", keyPath), now);
        }
        catch (FormatException e)
        {
            throw new StartupException(e.Message);
        }
    }

    /// <summary>Reads the certificates that sign those of the cluster's programs.</summary>
    /// <exception cref="StartupException">The file is missing, or what <see cref="TlsTrust.FromPem"/> refuses.</exception>
    public static TlsTrust LoadTrust(string flag, string path)
    {
        try
        {
            return TlsTrust.FromPem($"{flag} {path}", Read(flag, path));
        }
        catch (FormatException e)
        {
            throw new StartupException(e.Message);
        }
    }

    private static string Read(string flag, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{flag} {path} cannot be read ({e.Message}). Name a PEM file that this user may read.");
        }
    }
}
