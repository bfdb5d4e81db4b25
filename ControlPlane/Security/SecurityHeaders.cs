namespace ShardConsole.ControlPlane.Security;

/// <summary>Headers of every answer: nothing but this host's own scripts, styles, fonts and images; no framing, no sniffing.</summary>
internal static class SecurityHeaders
{
    // MudBlazor sets style attributes and a theme element, hence 'unsafe-inline' for styles; scripts are 'self' only.
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

    /// <summary>Adds the headers.</summary>
    public static void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        if (context.Request.IsHttps)
        {
            // Browsers heed it for names, not for addresses: a console that is tried on 127.0.0.1 stays reachable over http.
            headers.StrictTransportSecurity = "max-age=15552000";
        }

        return next(context);
    });
}
