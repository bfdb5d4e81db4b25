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
        return next(context);
    });
}
