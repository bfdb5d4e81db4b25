using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ShardConsole.Bench;

/// <summary>kill -9 of the node that leads a key's shard, many times, under a client that writes that key; beside it the same with three nodes of etcd.</summary>
internal static class FailoverBench
{
    private const string Key = "failover";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Options: --kills N (50) of this product, --etcd-kills N (15).</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var kills = Option(args, "--kills", 50);
        var etcdKills = Option(args, "--etcd-kills", 15);
        var time = TimeProvider.System;
        var (gaps, lost) = await OwnAsync(kills, time);
        var missing = Peer.Missing("etcd");
        var etcd = missing.Count == 0 && etcdKills > 0 ? await EtcdAsync(etcdKills, time) : [];
        Console.WriteLine($"{"write gap after kill -9 of the leader, ms",-44}{"kills",8}{"p50",8}{"p90",8}{"p99",8}{"max",8}");
        Print("3 nodes, 3 replicas, default options", gaps);
        if (etcd.Count > 0)
        {
            Print("3 nodes etcd, default options", etcd);
        }
        else if (missing.Count > 0)
        {
            Console.WriteLine("etcd is not installed (Debian package etcd-server): its row is missing");
        }

        var beside = etcd.Count > 0 ? Text(Percentile(etcd, 0.5)) : "none";
        Console.WriteLine($"RESULT failover kills={gaps.Count} lost={lost} gap_p50_ms={Text(Percentile(gaps, 0.5))} gap_p99_ms={Text(Percentile(gaps, 0.99))} etcd_p50_ms={beside}");
        return lost == 0 ? 0 : 1;
    }

    private static async Task<(List<double> Gaps, long Lost)> OwnAsync(int kills, TimeProvider time)
    {
        var ports = Enumerable.Range(0, 3).Select(_ => Peer.FreePorts(4)).ToList();
        var key = Path.Combine(Peer.Folder, "failover.key");
        await File.WriteAllTextAsync(key, Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));
        var nodes = Enumerable.Range(0, 3).Select(Start).ToArray();
        var client = new Writer([.. ports.Select(p => p[0])]);
        await using var meter = new GapMeter(time, client.TryWriteAsync);
        meter.Start();
        var gaps = new List<double>();
        var lost = 0L;
        try
        {
            await meter.WaitForMoreAsync(500, Limit);
            for (var kill = 0; kill < kills; kill++)
            {
                var victim = ports.FindIndex(p => p[0] == client.Port);
                var before = meter.Acknowledged;
                gaps.Add(await meter.MeasureAsync(() => nodes[victim].Dispose(), Limit));
                lost += await client.ReadAsync() < before ? 1 : 0;
                nodes[victim] = Start(victim);
                RedisClient.WaitFor(ports[victim][0], "CLUSTER INFO", "$", time, Limit);

                // Until it leads again and all three are in step: each kill meets a whole cluster.
                await Task.Delay(4000);
                await meter.WaitForMoreAsync(200, Limit);
            }
        }
        finally
        {
            await meter.DisposeAsync();
            lost += await client.ReadAsync() < meter.Acknowledged ? 1 : 0;
            client.Dispose();
            Array.ForEach(nodes, n => n.Dispose());
        }

        return (gaps, lost);

        Peer Start(int i) => Peer.Start("dotnet", Peer.Product("NodeAgent", [
            "--name", $"n{i + 1}", "--data", Path.Combine(Peer.Folder, $"failover-{i + 1}"), "--client-port", $"{ports[i][0]}", "--peer-port", $"{ports[i][1]}",
            "--gossip-port", $"{ports[i][2]}", "--admin-port", $"{ports[i][3]}", "--cluster-key-file", key,
            .. i == 0 ? new[] { "--found", "3" } : [], "--seed", $"127.0.0.1:{ports[(i + 1) % 3][2]}"]));
    }

    private static async Task<List<double>> EtcdAsync(int kills, TimeProvider time)
    {
        var ports = Peer.FreePorts(6);
        var cluster = string.Join(',', Enumerable.Range(0, 3).Select(i => $"e{i}=http://127.0.0.1:{ports[3 + i]}"));
        var nodes = Enumerable.Range(0, 3).Select(i => Start(i)).ToArray();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var at = 0;
        var name = Convert.ToBase64String(Encoding.ASCII.GetBytes(Key));
        await using var meter = new GapMeter(time, async (value, cancellation) =>
        {
            try
            {
                using var answer = await http.PostAsJsonAsync($"http://127.0.0.1:{ports[at % 3]}/v3/kv/put", new { key = name, value = Convert.ToBase64String(Encoding.ASCII.GetBytes(Text(value))) }, cancellation);
                at += answer.IsSuccessStatusCode ? 0 : 1;
                return answer.IsSuccessStatusCode;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                at++;
                return false;
            }
        });
        meter.Start();
        var gaps = new List<double>();
        try
        {
            await meter.WaitForMoreAsync(500, Limit);
            for (var kill = 0; kill < kills; kill++)
            {
                var leader = await LeaderAsync(http, ports);
                gaps.Add(await meter.MeasureAsync(() => nodes[leader].Dispose(), Limit));
                nodes[leader] = Start(leader);
                await Task.Delay(4000);
                await meter.WaitForMoreAsync(200, Limit);
            }
        }
        finally
        {
            Array.ForEach(nodes, n => n.Dispose());
        }

        return gaps;

        Peer Start(int i) => Peer.Start("etcd", [
            "--name", $"e{i}", "--data-dir", Path.Combine(Peer.Folder, $"failover-etcd-{i}"),
            "--listen-client-urls", $"http://127.0.0.1:{ports[i]}", "--advertise-client-urls", $"http://127.0.0.1:{ports[i]}",
            "--listen-peer-urls", $"http://127.0.0.1:{ports[3 + i]}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{ports[3 + i]}",
            "--initial-cluster", cluster, "--log-level", "error"]);
    }

    private static async Task<int> LeaderAsync(HttpClient http, IReadOnlyList<int> ports)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            for (var i = 0; i < 3; i++)
            {
                try
                {
                    using var answer = await http.PostAsJsonAsync($"http://127.0.0.1:{ports[i]}/v3/maintenance/status", new { });
                    var status = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
                    if (status.TryGetProperty("leader", out var leader) && leader.GetString() == status.GetProperty("header").GetProperty("member_id").GetString())
                    {
                        return i;
                    }
                }
                catch (HttpRequestException)
                {
                    // It is starting.
                }
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException("etcd has no leader.");
    }

    private static int Option(string[] args, string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }

    private static void Print(string name, List<double> gaps) => Console.WriteLine(
        $"{name,-44}{gaps.Count,8}{Text(Percentile(gaps, 0.5)),8}{Text(Percentile(gaps, 0.9)),8}{Text(Percentile(gaps, 0.99)),8}{Text(gaps.Count == 0 ? 0 : gaps.Max()),8}");

    private static double Percentile(List<double> values, double share) =>
        values.Count == 0 ? 0 : values.Order().ElementAt(Math.Clamp((int)Math.Ceiling(share * values.Count) - 1, 0, values.Count - 1));

    private static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    /// <summary>Writes and reads one key as a cluster client does: follows MOVED, asks another node where one is gone.</summary>
    private sealed class Writer(IReadOnlyList<int> ports) : IDisposable
    {
        private TcpClient? connection;
        private int turn;

        /// <summary>The node that acknowledged last.</summary>
        public int Port { get; private set; } = ports[0];

        public async Task<bool> TryWriteAsync(long value, CancellationToken cancellation) => await SendAsync($"SET {Key} {Text(value)}\r\n", cancellation) == "+OK";

        /// <summary>The number that the key holds; asks until it is answered.</summary>
        public async Task<long> ReadAsync()
        {
            using var own = new Writer(ports);
            while (true)
            {
                try
                {
                    using var patience = new CancellationTokenSource(1000);
                    var reply = await own.SendAsync($"GET {Key}\r\n", patience.Token);
                    if (reply.StartsWith('$'))
                    {
                        return long.Parse(reply.Split("\r\n")[1], CultureInfo.InvariantCulture);
                    }
                }
                catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
                {
                    // Another node is asked.
                }

                await Task.Delay(20);
            }
        }

        public void Dispose() => connection?.Dispose();

        private async Task<string> SendAsync(string command, CancellationToken cancellation)
        {
            try
            {
                if (connection is null)
                {
                    connection = new TcpClient { NoDelay = true };
                    await connection.ConnectAsync("127.0.0.1", Port, cancellation);
                }

                await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command), cancellation);
                var buffer = new byte[512];
                var read = await connection.GetStream().ReadAsync(buffer, cancellation);
                var reply = Encoding.ASCII.GetString(buffer, 0, read).TrimEnd();
                if (read == 0 || reply.StartsWith("-MOVED", StringComparison.Ordinal))
                {
                    GoTo(read == 0 ? ports[++turn % ports.Count] : int.Parse(reply[(reply.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
                }

                return reply;
            }
            catch
            {
                GoTo(ports[++turn % ports.Count]);
                throw;
            }
        }

        private void GoTo(int port)
        {
            connection?.Dispose();
            (connection, Port) = (null, port);
        }
    }
}
