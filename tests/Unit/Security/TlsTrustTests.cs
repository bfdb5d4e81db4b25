using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ShardConsole.Shared.Security;

namespace ShardConsole.Unit.Security;

/// <summary>Whom the programs of a cluster trust when they call one another.</summary>
public sealed class TlsTrustTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public void Who_was_signed_by_a_root_is_trusted_and_nobody_else()
    {
        using var root = Root("CN=cluster");
        using var other = Root("CN=cluster");
        using var node = Signed(root, Now.AddDays(-1), Now.AddDays(1));
        using var stranger = Signed(other, Now.AddDays(-1), Now.AddDays(1));
        using var old = Signed(root, Now.AddDays(-3), Now.AddDays(-2));
        var trust = TlsTrust.FromPem("--tls-ca ca.pem", root.ExportCertificatePem());

        Assert.True(trust.Trusts(node, null));
        Assert.False(trust.Trusts(stranger, null));
        Assert.False(trust.Trusts(old, null));
        Assert.False(trust.Trusts(null, null));
    }

    [Fact]
    public void A_certificate_that_is_a_root_itself_is_trusted_and_several_may_be_named()
    {
        using var one = Root("CN=one");
        using var two = Root("CN=two");
        using var three = Root("CN=three");
        var trust = TlsTrust.FromPem("--tls-ca ca.pem", one.ExportCertificatePem() + "\n" + two.ExportCertificatePem());

        Assert.Equal([true, true, false], new[] { one, two, three }.Select(c => trust.Trusts(c, null)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public void A_file_without_certificates_is_named(string text) =>
        Assert.StartsWith("--tls-ca ca.pem ", Assert.Throws<FormatException>(() => TlsTrust.FromPem("--tls-ca ca.pem", text)).Message, StringComparison.Ordinal);

    private static X509Certificate2 Root(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-10), Now.AddDays(10));
    }

    private static X509Certificate2 Signed(X509Certificate2 root, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256).Create(root, from, to, [1, 2, 3]);
    }
}
