using System.Text;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Webhooks.Core;

namespace ShardConsole.ControlPlane.Webhooks;

/// <summary>What came of one attempt.</summary>
/// <param name="Status">HTTP status; 0 where no answer came.</param>
/// <param name="Error">Empty where it was taken. Never holds the address.</param>
internal sealed record Attempt(int Status, string Error, TimeSpan? RetryAfter)
{
    /// <summary>Whether it was taken.</summary>
    public bool Taken => Error.Length == 0;
}

/// <summary>Sends one delivery once. Redirections are not followed: what is signed for one address is not for another.</summary>
internal sealed class WebhookSender(HttpMessageHandler handler, WebhookVault vault, WebhookOptions options, string cluster, TimeProvider time) : IDisposable
{
    private readonly HttpClient client = new(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The handler that is used outside of tests.</summary>
    public static HttpMessageHandler NewHandler() => new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), MaxResponseHeadersLength = 16,
    };

    /// <summary>One attempt. It throws nothing but the cancellation of its caller.</summary>
    public async Task<Attempt> SendAsync(WebhookRow webhook, WebhookDeliveryRow delivery, CancellationToken cancellation)
    {
        if (vault.TryUnprotect(webhook.Url) is not { } url || vault.TryUnprotect(webhook.Secret) is not { } secret)
        {
            return new Attempt(0, "Address and secret cannot be read: the keys of the data folder are not those that protected them. Enter the address again and draw a new secret.", null);
        }

        var body = WebhookBody.Of(webhook.Form, WebhookStore.EventOf(delivery), delivery.Id, cluster, options.PublicUrl);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("User-Agent", "ShardConsole");
        request.Headers.TryAddWithoutValidation("X-ShardConsole-Event", delivery.Kind);
        request.Headers.TryAddWithoutValidation("X-ShardConsole-Delivery", delivery.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation(WebhookSignature.Header, WebhookSignature.Of(secret, time.GetUtcNow(), body));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.TimeoutSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)response.StatusCode;
            var after = response.Headers.RetryAfter is { } asked ? asked.Delta ?? (asked.Date - time.GetUtcNow()) : null;
            return response.IsSuccessStatusCode ? new Attempt(status, "", null) : new Attempt(status, $"It answered {status} {response.ReasonPhrase}.", after);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Attempt(0, $"It did not answer within {options.TimeoutSeconds:0.#} s (Webhooks:TimeoutSeconds).", null);
        }
        catch (HttpRequestException e)
        {
            return new Attempt(0, $"It cannot be reached: {e.HttpRequestError} ({e.InnerException?.Message ?? e.Message}).", null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();
}
