using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ShardConsole.EndToEnd.Harness;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.EndToEnd;

/// <summary>A cluster whose nodes speak TLS on their peer, admin and client ports, steered by a control plane that trusts nobody but their signer.</summary>
public sealed class ClusterTlsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("shardconsole-tls-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Nodes_found_a_cluster_over_tls_and_the_control_plane_reads_it_and_who_speaks_plainly_is_not_answered()
    {
        Write();
        var clusterKey = Path("cluster.key");
        await File.WriteAllTextAsync(clusterKey, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        var ports = FreePorts.Take(8).Chunk(4).ToList();
        using var first = Node("n1", ports[0], "--found", "2", "--seed", Seed(ports[1]));
        using var second = Node("n2", ports[1], "--seed", Seed(ports[0]));
        first.Start();
        second.Start();
        string Output() => first.Output + "\n" + second.Output;

        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown is { Subject: "CN=node" } };
        using var admin = new HttpClient(handler);
        admin.DefaultRequestHeaders.Add(AdminRoutes.KeyHeader, await File.ReadAllTextAsync(clusterKey));

        // A shard of two replicas has a leader only where its nodes hear one another.
        await Eventually.TrueAsync("all shards are led", async () =>
        {
            var cluster = await admin.GetFromJsonAsync<ClusterState>($"https://127.0.0.1:{ports[0][3]}{AdminRoutes.Cluster}");
            var states = await Task.WhenAll(ports.Select(p => admin.GetFromJsonAsync<NodeState>($"https://127.0.0.1:{p[3]}{AdminRoutes.State}")));
            var led = states.SelectMany(s => s!.Status.Replicas).Where(r => string.Equals(r.Role, "leader", StringComparison.OrdinalIgnoreCase)).Select(r => r.Shard).Distinct().Count();
            return cluster is { Map.Shards.Length: > 0 } && led == cluster.Map.Shards.Length && cluster.Map.Shards.All(s => s.Replicas.Length == 2);
        }, Output);

        using var plain = new HttpClient();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetAsync(new Uri($"http://127.0.0.1:{ports[0][3]}{AdminRoutes.Health}")));

        var seeds = string.Join(',', ports.Select(p => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{p[3]}")));
        await using var console = await ConsoleProcess.StartAsync("--local-nodes", "0", "--seed-admin", seeds, "--node-ca", Path("ca.pem"), "--cluster-key-file", clusterKey);
        using var rest = await RestClient.SignInAsync(console);
        await Eventually.TrueAsync(
            "both nodes are seen", async () => Rows(await rest.GetAsync("/api/v1/nodes")) is { Count: 2 } nodes
                && nodes.TrueForAll(n => n.GetProperty("state").GetString() == "alive"),
            () => console.Output + Output());
        await first.TerminateAsync();
        await second.TerminateAsync();
    }

    private static List<JsonElement> Rows(JsonElement answer) => [.. (answer.ValueKind == JsonValueKind.Array ? answer : answer.GetProperty("items")).EnumerateArray()];

    private NodeProcess Node(string name, int[] ports, params string[] more) => new(name, ports, Path(name),
    [
        .. NodeProcess.Flags(name, ports, Path(name)), "--cluster-key-file", Path("cluster.key"), "--shards-per-node", "2",
        "--tls-certificate", Path("node.pem"), "--tls-key", Path("node.key"), "--tls-ca", Path("ca.pem"), .. more,
    ]);

    private static string Seed(int[] ports) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ports[2]}");

    private string Path(string name) => System.IO.Path.Combine(folder.FullName, name);

    private void Write()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var asked = new CertificateRequest("CN=cluster", rootKey, HashAlgorithmName.SHA256);
        asked.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = asked.CreateSelfSigned(now.AddDays(-2), now.AddDays(3));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var node = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256).Create(root, now.AddDays(-1), now.AddDays(2), [1, 2, 3]);
        File.WriteAllText(Path("ca.pem"), root.ExportCertificatePem());
        File.WriteAllText(Path("node.pem"), node.ExportCertificatePem());
        File.WriteAllText(Path("node.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
