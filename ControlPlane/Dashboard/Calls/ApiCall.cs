using System.Text;

namespace ShardConsole.ControlPlane.Dashboard.Calls;

/// <summary>The REST call that does what a control does. Every page and dialog can show it.</summary>
/// <param name="Method">GET, POST, DELETE …</param>
/// <param name="Path">Below the host, with its query: "/api/v1/plans?state=waiting".</param>
/// <param name="Body">JSON; null where there is none.</param>
/// <param name="IfMatch">ETag that a change quotes; null where none is needed.</param>
public sealed record ApiCall(string Method, string Path, string? Body = null, string? IfMatch = null)
{
    /// <summary>For a shell. Address and key are variables, so that nothing secret is copied.</summary>
    public string ToCurl()
    {
        var text = new StringBuilder("curl ");
        if (Method != "GET")
        {
            text.Append("-X ").Append(Method).Append(' ');
        }

        text.Append("\"$SHARDCONSOLE_URL").Append(Path).Append("\" \\\n  -H \"Authorization: Bearer $SHARDCONSOLE_KEY\"");
        if (Method == "POST")
        {
            text.Append(" \\\n  -H \"Idempotency-Key: $(uuidgen)\"");
        }

        if (IfMatch is not null)
        {
            text.Append(" \\\n  -H 'If-Match: ").Append(IfMatch).Append('\'');
        }

        if (Body is not null)
        {
            text.Append(" \\\n  -H \"Content-Type: application/json\" \\\n  -d '").Append(Body.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }

        return text.ToString();
    }

    /// <summary>For Python's standard library.</summary>
    public string ToPython()
    {
        var text = new StringBuilder("import json, os, urllib.request, uuid\n\n");
        text.Append("request = urllib.request.Request(\n    os.environ[\"SHARDCONSOLE_URL\"] + ").Append(Quote(Path)).Append(",\n    method=").Append(Quote(Method));
        if (Body is not null)
        {
            text.Append(",\n    data=").Append(Quote(Body)).Append(".encode()");
        }

        text.Append(",\n    headers={\n        \"Authorization\": \"Bearer \" + os.environ[\"SHARDCONSOLE_KEY\"],\n");
        if (Method == "POST")
        {
            text.Append("        \"Idempotency-Key\": str(uuid.uuid4()),\n");
        }

        if (IfMatch is not null)
        {
            text.Append("        \"If-Match\": ").Append(Quote(IfMatch)).Append(",\n");
        }

        if (Body is not null)
        {
            text.Append("        \"Content-Type\": \"application/json\",\n");
        }

        return text.Append("    })\nprint(json.load(urllib.request.urlopen(request)))").ToString();
    }

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";
}
