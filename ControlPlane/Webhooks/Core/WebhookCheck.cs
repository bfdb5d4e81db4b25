using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Webhooks.Core;

/// <summary>What is wrong with a webhook, and how much of its address may be shown.</summary>
internal static class WebhookCheck
{
    private const int MaxName = 64;
    private const int MaxUrl = 2000;

    /// <summary>Problems by field; empty where it can be used.</summary>
    /// <param name="isNew">A new one needs every field; in a change what is null stays.</param>
    public static IReadOnlyDictionary<string, string[]> Problems(WebhookInput input, bool isNew)
    {
        var problems = new Dictionary<string, string[]>();
        if (input.Name is { } name ? name.Trim().Length is 0 or > MaxName : isNew)
        {
            problems["name"] = [$"A name has 1 to {MaxName} characters."];
        }

        if (input.Url is { } url ? UrlProblem(url) is not null : isNew)
        {
            problems["url"] = [UrlProblem(input.Url ?? "")!];
        }

        if (input.Form is { } form ? form is not (WebhookBody.JsonForm or WebhookBody.SlackForm) : false)
        {
            problems["form"] = [$"\"{input.Form}\" is no form; use json or slack."];
        }

        if (input.Events is { } events ? events.Count == 0 : isNew)
        {
            problems["events"] = [$"Name at least one of {Kinds}."];
        }
        else if (input.Events?.FirstOrDefault(e => !WebhookKinds.IsKind(e)) is { } unknown)
        {
            problems["events"] = [$"\"{unknown}\" is none of {Kinds}."];
        }

        return problems;
    }

    /// <summary>The address with everything after the host left out: the path of such addresses is often a secret by itself.</summary>
    public static string Shown(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? $"{uri.Scheme}://{uri.Authority}{(uri.PathAndQuery.Length > 1 ? "/…" : "")}" : "";

    private static string Kinds => string.Join(", ", WebhookKinds.All.Select(k => k.Kind));

    private static string? UrlProblem(string url) =>
        url.Length > MaxUrl ? $"An address has {MaxUrl} characters at most; this one has {url.Length}."
        : !Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 ? "It is no address; use https://host/path, or http:// inside a network that is trusted."
        : uri.UserInfo.Length > 0 ? "An address with name and password in it is not taken: the signature proves who sends."
        : null;
}
