using System.Net;
using System.Text.Json;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>What a node answered to a change: the meta group's answer, or who leads it, or why there was no answer.</summary>
internal readonly record struct ChangeReply(MetaAnswer? Answer, NotMetaLeader? Elsewhere, string? Failure);

/// <summary>Speaks HTTP to one node's admin port at a time. Failures are values. Safe for concurrent use.</summary>
internal sealed class AgentClient(HttpClient http, ClusterKey key, FleetOptions options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Asks a node; null when it does not answer, or nothing that can be understood.</summary>
    public async Task<T?> GetAsync<T>(string address, string path, CancellationToken cancellation)
        where T : class
    {
        try
        {
            using var timeout = Timeout(cancellation);
            using var request = Request(HttpMethod.Get, address, path);
            using var response = await http.SendAsync(request, timeout.Token);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<T>(await response.Content.ReadAsByteArrayAsync(timeout.Token), Json)
                : null;
        }
        catch (Exception e) when (IsNoAnswer(e, cancellation))
        {
            return null;
        }
    }

    /// <summary>Asks a node to do something of its own; null when it does not answer, refuses, or answers nothing that can be understood.</summary>
    public async Task<TAnswer?> PostAsync<TBody, TAnswer>(string address, string path, TBody body, CancellationToken cancellation)
        where TAnswer : class
    {
        try
        {
            using var timeout = Timeout(cancellation);
            using var request = Request(HttpMethod.Post, address, path);
            request.Content = JsonContent.Create(body, options: Json);
            using var response = await http.SendAsync(request, timeout.Token);
            return response.IsSuccessStatusCode ? JsonSerializer.Deserialize<TAnswer>(await response.Content.ReadAsByteArrayAsync(timeout.Token), Json) : null;
        }
        catch (Exception e) when (IsNoAnswer(e, cancellation))
        {
            return null;
        }
    }

    /// <summary>Asks a node to do something of its own. True: it does; false: it refuses; null: it does not answer.</summary>
    public async Task<bool?> TryPostAsync<TBody>(string address, string path, TBody body, CancellationToken cancellation)
    {
        try
        {
            using var timeout = Timeout(cancellation);
            using var request = Request(HttpMethod.Post, address, path);
            request.Content = JsonContent.Create(body, options: Json);
            using var response = await http.SendAsync(request, timeout.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (IsNoAnswer(e, cancellation))
        {
            return null;
        }
    }

    /// <summary>Asks a node for a change.</summary>
    public async Task<ChangeReply> SendAsync<T>(HttpMethod method, string address, string path, T body, CancellationToken cancellation)
    {
        try
        {
            using var timeout = Timeout(cancellation);
            using var request = Request(method, address, path);
            request.Content = JsonContent.Create(body, options: Json);
            using var response = await http.SendAsync(request, timeout.Token);
            var content = await response.Content.ReadAsByteArrayAsync(timeout.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.MisdirectedRequest => new ChangeReply(null, JsonSerializer.Deserialize<NotMetaLeader>(content, Json), null),
                HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.Conflict =>
                    new ChangeReply(JsonSerializer.Deserialize<MetaAnswer>(content, Json), null, null),

                // The same again would be refused by every node: no reason to ask the next one.
                HttpStatusCode.BadRequest or HttpStatusCode.NotFound =>
                    new ChangeReply(new MetaAnswer(false, 0, "invalid", JsonSerializer.Deserialize<Problem>(content, Json)?.Detail), null, null),
                _ => new ChangeReply(null, null, $"{address} answered {(int)response.StatusCode}"),
            };
        }
        catch (Exception e) when (IsNoAnswer(e, cancellation))
        {
            return new ChangeReply(null, null, $"{address} did not answer ({e.Message})");
        }
    }

    private sealed record Problem(string? Detail);

    private static bool IsNoAnswer(Exception e, CancellationToken cancellation) =>
        e is HttpRequestException or JsonException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    private HttpRequestMessage Request(HttpMethod method, string address, string path)
    {
        var request = new HttpRequestMessage(method, $"{(options.NodeCa.Length > 0 ? "https" : "http")}://{address}{path}");
        request.Headers.Add(AdminRoutes.KeyHeader, key.Value);
        return request;
    }

    private CancellationTokenSource Timeout(CancellationToken cancellation)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        source.CancelAfter(options.TimeoutMs);
        return source;
    }
}
