using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Web;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>The control plane's REST API, with an administrator's key.</summary>
internal sealed class RestClient : IDisposable
{
    private readonly HttpClient http;

    private RestClient(Uri address)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, CookieContainer = new CookieContainer() };

        // The certificates of these tests are made by themselves, for nobody.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
    }

    /// <summary>Creates the administrator by the one-time link, and a key.</summary>
    public static async Task<RestClient> SignInAsync(ConsoleProcess console)
    {
        var link = new Uri(console.SetupLink);
        var client = new RestClient(new Uri(link.GetLeftPart(UriPartial.Authority)));
        await client.PostAsync("/api/v1/setup", new { code = HttpUtility.ParseQueryString(link.Query)["code"], name = "ops-1", password = "a long password 1" });
        var key = await client.PostAsync("/api/v1/tokens", new { name = "test", role = "administrator", days = 1 });
        client.http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.GetProperty("secret").GetString());
        return client;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await http.GetAsync(path);
        return await ReadAsync(answer, path);
    }

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        return await ReadAsync(answer, path);
    }

    public async Task<JsonElement> DeleteAsync(string path)
    {
        using var answer = await http.DeleteAsync(path);
        return await ReadAsync(answer, path);
    }

    public async Task<JsonElement> PutAsync(string path, object body)
    {
        using var answer = await http.PutAsJsonAsync(path, body);
        return await ReadAsync(answer, path);
    }

    public async Task<JsonElement> PatchAsync(string path, object body)
    {
        using var answer = await http.PatchAsJsonAsync(path, body);
        return await ReadAsync(answer, path);
    }

    public async Task<JsonElement> UploadAsync(string path, string file)
    {
        using var content = new StreamContent(File.OpenRead(file));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var answer = await http.PostAsync(path, content);
        return await ReadAsync(answer, path);
    }

    public void Dispose() => http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, string path)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text.Length == 0 ? "null" : text);
    }
}
