using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ShardConsole.ControlPlane;
using ShardConsole.ControlPlane.Security;
using ShardConsole.NodeAgent.Load;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Security;

/// <summary>Certificate and key of a port, from PEM files; each mistake is named with the file.</summary>
public sealed class TlsFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("shardconsole-tls-").FullName;
    private readonly DateTimeOffset now = TestClock.Start;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_belongs_together_is_read()
    {
        var (certificate, key) = Write("a");
        var identity = TlsFiles.Load(certificate, key, now);

        Assert.True(identity.Certificate.HasPrivateKey);
        Assert.Equal("CN=a", identity.Certificate.Subject);
        Assert.Single(identity.Chain);
    }

    [Theory]
    [InlineData("no certificate file", "--tls-certificate", "cannot be read")]
    [InlineData("no key file", "--tls-key", "cannot be read")]
    [InlineData("no certificate", "--tls-certificate", "BEGIN CERTIFICATE")]
    [InlineData("no key", "--tls-key", "BEGIN PRIVATE KEY")]
    [InlineData("encrypted", "--tls-key", "is encrypted")]
    [InlineData("another key", "--tls-key", "cannot be used together")]
    [InlineData("over", "--tls-certificate", "is in force from")]
    public void A_mistake_is_named_with_its_file(string what, string flag, string words)
    {
        var (certificate, key) = Write("a");
        var at = now;
        switch (what)
        {
            case "no certificate file": certificate += ".none"; break;
            case "no key file": key += ".none"; break;
            case "no certificate": File.WriteAllText(certificate, "hello"); break;
            case "no key": File.WriteAllText(key, "hello"); break;
            case "encrypted": File.WriteAllText(key, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"); break;
            case "another key": key = Write("b").Key; break;
            default: at = now.AddYears(3); break;
        }

        var wrong = Assert.Throws<StartupException>(() => TlsFiles.Load(certificate, key, at));
        Assert.Contains(flag, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(words, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cert.pem", "", "", "--tls-key")]
    [InlineData("", "key.pem", "", "--tls-certificate")]
    [InlineData("", "", "https://0.0.0.0:1", "https")]
    [InlineData("cert.pem", "key.pem", "http://0.0.0.0:1", "no https")]
    [InlineData("cert.pem", "key.pem", "", "")]
    [InlineData("cert.pem", "key.pem", "https://0.0.0.0:1", "")]
    public void One_option_needs_the_other(string certificate, string key, string urls, string words)
    {
        var problems = new ControlPlaneOptions { TlsCertificate = certificate, TlsKey = key, Urls = urls }.Problems().ToList();

        Assert.Equal(words.Length == 0, problems.Count == 0);
        Assert.Contains(words, string.Join(' ', problems), StringComparison.Ordinal);
        Assert.Equal(certificate.Length > 0 && urls.Length == 0, new ControlPlaneOptions { TlsCertificate = certificate, TlsKey = key, Urls = urls }.ListenUrls.StartsWith("https://127", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_speaks_tls_and_a_node_trusts_the_certificate_that_it_was_given_and_no_other()
    {
        var (certificate, key) = Write("console.example");
        var identity = TlsFiles.Load(certificate, key, now);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https => (https.ServerCertificate, https.ServerCertificateChain) = (identity.Certificate, identity.Chain))));
        await using var app = builder.Build();
        app.MapGet("/", (HttpRequest request) => request.IsHttps ? "https" : "http");
        await app.StartAsync();
        var url = new Uri(app.Urls.Single().Replace("http://", "https://", StringComparison.Ordinal));

        Assert.Equal("https", await AskAsync(url, certificate));
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(url, Write("other").Certificate));
    }

    private static async Task<string> AskAsync(Uri url, string trusted)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = ControlPlaneTrust.Load(trusted).Check;
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(url);
    }

    private (string Certificate, string Key) Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(2));
        var (certificatePath, keyPath) = (Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key"));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (certificatePath, keyPath);
    }
}
