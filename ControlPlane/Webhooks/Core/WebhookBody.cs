using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ShardConsole.ControlPlane.Webhooks.Core;

/// <summary>The body of a delivery. It is the same for each attempt.</summary>
internal static class WebhookBody
{
    /// <summary>All fields, for programs.</summary>
    public const string JsonForm = "json";

    /// <summary>{"text": …} as Slack and what is compatible with it take it.</summary>
    public const string SlackForm = "slack";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body.</summary>
    /// <param name="delivery">Number of the delivery: the same at each attempt, for receivers that must not act twice.</param>
    /// <param name="cluster">Name of the cluster, for people.</param>
    /// <param name="site">Address of the console; empty where it is not known, then pages are paths.</param>
    public static string Of(string form, WebhookEvent e, long delivery, string cluster, string site)
    {
        var link = site.TrimEnd('/') + e.Page;
        return form == SlackForm
            ? JsonSerializer.Serialize(new { text = Text(e, cluster, site.Length > 0 ? link : "") }, Json)
            : JsonSerializer.Serialize(new { id = delivery, @event = e.Kind, at = e.At, cluster, title = e.Title, detail = e.Detail, by = e.By, subject = e.Subject, plan = e.Plan.Length > 0 ? e.Plan : null, link }, Json);
    }

    private static string Text(WebhookEvent e, string cluster, string link)
    {
        var text = new StringBuilder().Append('*').Append(Escaped(e.Title)).Append("* · ").Append(Escaped(cluster));
        if (e.By.Length > 0)
        {
            text.Append(" · ").Append(Escaped(e.By));
        }

        if (e.Detail.Length > 0)
        {
            text.Append('\n').Append(Escaped(e.Detail));
        }

        return link.Length > 0 ? text.Append("\n<").Append(link).Append("|Open in ShardConsole>").ToString() : text.ToString();
    }

    // Slack's own three: without them a reason could forge links and mentions.
    private static string Escaped(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
