using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace ShardConsole.Bench;

/// <summary>Puts of 100 bytes to etcd by gRPC, a fixed number at once (one HTTP/2 connection per ten).</summary>
internal static class EtcdLoad
{
    /// <summary>Puts a second over <paramref name="seconds"/>.</summary>
    public static async Task<double> PutsPerSecondAsync(int port, int clients, double seconds, TimeProvider time)
    {
        using var cancel = new CancellationTokenSource();
        var http = Enumerable.Range(0, Math.Max(1, clients / 10)).Select(_ => new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        }).ToList();
        var done = 0L;
        var started = time.GetTimestamp();
        var workers = Enumerable.Range(0, clients).Select(async client =>
        {
            for (var i = 0; time.GetElapsedTime(started).TotalSeconds < seconds; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/etcdserverpb.KV/Put")
                {
                    Content = new ByteArrayContent(Frame($"key:{client:000}:{i % 1000:0000}", 100)),
                };
                request.Content.Headers.ContentType = new("application/grpc");
                request.Headers.TE.ParseAdd("trailers");
                using var response = await http[client % http.Count].SendAsync(request, cancel.Token);
                _ = await response.Content.ReadAsByteArrayAsync(cancel.Token);
                if (response.TrailingHeaders.TryGetValues("grpc-status", out var status) && status.First() != "0")
                {
                    throw new InvalidOperationException($"etcd answered gRPC status {status.First()}.");
                }

                Interlocked.Increment(ref done);
            }
        }).ToArray();
        await Task.WhenAll(workers);
        var rate = done / time.GetElapsedTime(started).TotalSeconds;
        http.ForEach(h => h.Dispose());
        return rate;
    }

    /// <summary>A gRPC frame with a PutRequest: field 1 the key, field 2 the value.</summary>
    private static byte[] Frame(string key, int valueBytes)
    {
        var name = Encoding.ASCII.GetBytes(key);
        var message = new byte[2 + name.Length + 2 + valueBytes];
        message[0] = 0x0A;
        message[1] = (byte)name.Length;
        name.CopyTo(message, 2);
        message[2 + name.Length] = 0x12;
        message[3 + name.Length] = (byte)valueBytes;
        message.AsSpan(4 + name.Length).Fill((byte)'x');
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }
}
