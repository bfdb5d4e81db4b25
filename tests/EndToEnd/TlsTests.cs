using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>TLS by option: the console's port with its local node, and a node's client port.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("shardconsole-tls-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task The_console_is_served_over_https_and_its_local_node_reports_to_it()
    {
        var (certificate, key) = Write();
        await using var console = await ConsoleProcess.StartAsync("--tls-certificate", certificate, "--tls-key", key, "--local-nodes", "1");
        Assert.StartsWith("https://", console.SetupLink, StringComparison.Ordinal);
        using var rest = await RestClient.SignInAsync(console);

        // Before the cluster has told its map there is no segment to ask for.
        await Eventually.TrueAsync("the segments are known", async () => (await rest.GetAsync("/api/v1/segments?limit=1")).GetProperty("items").GetArrayLength() > 0, () => console.Output);
        await Eventually.TrueAsync(
            "a report of the node has arrived", async () => (await rest.GetAsync("/api/v1/load?metric=keys&segments=0")).GetProperty("values").EnumerateArray().Any(c => c[0].ValueKind == JsonValueKind.Number),
            () => console.Output);
    }

    [Fact]
    public async Task A_client_port_speaks_redis_over_tls()
    {
        var (certificate, key) = Write();
        var ports = FreePorts.Take(4);
        using var node = new NodeProcess("n1", ports, Path.Combine(folder.FullName, "n1"), [.. NodeProcess.Flags("n1", ports, Path.Combine(folder.FullName, "n1")), "--tls-certificate", certificate, "--tls-key", key]);
        node.Start();
        var answer = await Eventually.ValueAsync("the node stores a value", async () => await SetAsync(ports[0]) is "+OK\r\n" ? "+OK" : null, () => node.Output);

        Assert.Equal("+OK", answer);
        await node.TerminateAsync();
    }

    private static async Task<string> SetAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
        }
        catch (SocketException e)
        {
            throw new IOException("It does not listen yet.", e);
        }

        await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync("SET a 1\r\n"u8.ToArray());
        var buffer = new byte[256];
        return Encoding.ASCII.GetString(buffer, 0, await tls.ReadAsync(buffer));
    }

    private (string Certificate, string Key) Write()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=console.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(2));
        var (certificatePath, keyPath) = (Path.Combine(folder.FullName, "console.pem"), Path.Combine(folder.FullName, "console.key"));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (certificatePath, keyPath);
    }
}
