using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ShardConsole.Bench;

/// <summary>A control plane with its local cluster, started as a user would, and its REST API.</summary>
internal sealed partial class ConsoleClient : IDisposable
{
    private readonly Peer process;
    private readonly HttpClient http;

    private ConsoleClient(Peer process, HttpClient http, string folder)
    {
        this.process = process;
        this.http = http;
        Folder = folder;
    }

    /// <summary>Its data folder.</summary>
    public string Folder { get; }

    /// <summary>Starts it on an empty folder, creates the administrator by the one-time link, and makes an API key.</summary>
    public static async Task<ConsoleClient> StartAsync(string folder, IEnumerable<string> arguments, TimeProvider time)
    {
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var code = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = Peer.Start("dotnet", Peer.Product("ControlPlane", ["--data", folder, "--port", "0", "--base-port", "0", .. arguments]), line: line =>
        {
            if (AddressLine().Match(line) is { Success: true } a)
            {
                address.TrySetResult(a.Groups[1].Value);
            }

            if (CodeLine().Match(line) is { Success: true } c)
            {
                code.TrySetResult(c.Groups[1].Value);
            }
        });
        var limit = TimeSpan.FromSeconds(120);
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, CookieContainer = new CookieContainer() })
        {
            BaseAddress = new Uri(await address.Task.WaitAsync(limit, time)),
            Timeout = TimeSpan.FromMinutes(5),
        };
        var client = new ConsoleClient(process, http, folder);
        await client.PostAsync("/api/v1/setup", new { code = await code.Task.WaitAsync(limit, time), name = "bench", password = "a long bench password" });
        var key = await client.PostAsync("/api/v1/tokens", new { name = "bench", role = "administrator", days = 1 });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.GetProperty("secret").GetString());
        return client;
    }

    /// <summary>GET as JSON.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await http.GetAsync(path);
        return await ReadAsync(answer, path);
    }

    /// <summary>POST of JSON.</summary>
    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        return await ReadAsync(answer, path);
    }

    /// <summary>Uploads a query log.</summary>
    public async Task<JsonElement> UploadAsync(string path, string file)
    {
        using var content = new StreamContent(File.OpenRead(file));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var answer = await http.PostAsync(path, content);
        return await ReadAsync(answer, path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Dispose();
        http.Dispose();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, string path)
    {
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(text.Length == 0 ? "null" : text)
            : throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}: {text}");
    }

    [GeneratedRegex(@"Console at (http\S+)")]
    private static partial Regex AddressLine();

    [GeneratedRegex(@"/welcome\?code=([0-9a-f]+)")]
    private static partial Regex CodeLine();
}
