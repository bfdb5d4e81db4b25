using System.Net;
using ShardConsole.ControlPlane.Webhooks.Core;

namespace ShardConsole.Unit.Webhooks;

/// <summary>A receiver in the process: takes messages as a real one would, and answers as the test says.</summary>
internal sealed class Receiver : HttpMessageHandler
{
    private readonly Lock gate = new();
    private readonly List<(string Event, string Delivery, string Signature, string Body)> taken = [];

    /// <summary>Answers of the next requests, in order; 200 when there is none. 0: the connection fails.</summary>
    public Queue<int> Answers { get; } = new();

    /// <summary>Requests to this host wait until it is set.</summary>
    public Dictionary<string, TaskCompletionSource> Slow { get; } = [];

    /// <summary>All requests, as they came.</summary>
    public IReadOnlyList<(string Event, string Delivery, string Signature, string Body)> Taken
    {
        get
        {
            lock (gate)
            {
                return [.. taken];
            }
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Slow.TryGetValue(request.RequestUri!.Host, out var slow))
        {
            await slow.Task.WaitAsync(cancellationToken);
        }

        var body = await request.Content!.ReadAsStringAsync(cancellationToken);
        lock (gate)
        {
            taken.Add((One(request, "X-ShardConsole-Event"), One(request, "X-ShardConsole-Delivery"), One(request, WebhookSignature.Header), body));
            var answer = Answers.TryDequeue(out var next) ? next : 200;
            return answer == 0 ? throw new HttpRequestException(HttpRequestError.ConnectionError, "refused") : new HttpResponseMessage((HttpStatusCode)answer);
        }
    }

    private static string One(HttpRequestMessage request, string name) => request.Headers.GetValues(name).Single();
}
