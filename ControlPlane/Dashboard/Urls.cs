using System.Globalization;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard;

/// <summary>Every address of the console, in one place.</summary>
internal static class Urls
{
    public const string Overview = "/";
    public const string Heatmap = "/heatmap";
    public const string Fleet = "/fleet";
    public const string Plans = "/plans";
    public const string WhatIf = "/what-if";
    public const string Migrations = "/migrations";
    public const string Import = "/import";
    public const string Quality = "/forecast";
    public const string Events = "/events";
    public const string Integrity = "/integrity";
    public const string Audit = "/audit";
    public const string Settings = "/settings";
    public const string Constraints = "/settings?tab=constraints";
    public const string Webhooks = "/settings?tab=notifications";
    public const string Access = "/access";
    public const string Patterns = "/patterns";
    public const string Calls = "/api-calls";
    public const string SignIn = "/sign-in";
    public const string Welcome = "/welcome";
    public const string Forbidden = "/forbidden";
    public const string Error = "/error";
    public const string NotFound = "/not-found";
    public const string Jobs = "/jobs";
    public const string Swagger = "/swagger";

    /// <summary>Where the session is created (POST) by the sign-in page.</summary>
    public const string Session = "/session";

    /// <summary>Where signing out posts to.</summary>
    public const string SignOut = "/session/end";

    /// <summary>Where the first administrator is created (POST) by the welcome page.</summary>
    public const string Setup = "/setup";

    /// <summary>Where a new password posts to, by a link that an administrator made.</summary>
    public const string PasswordReset = "/password-reset";

    /// <summary>Query parameter of the segment drawer, on any page.</summary>
    public const string SegmentParameter = "segment";

    /// <summary>A plan's page; by its short name where the list names it so.</summary>
    public static string Plan(string id) => $"{Plans}/{Uri.EscapeDataString(id)}";

    /// <summary>What would have been without a plan, with its moves, and otherwise.</summary>
    public static string WhatIfOf(string plan) => $"{Plan(plan)}/what-if";

    /// <summary>A kept replay.</summary>
    public static string WhatIfRun(string run) => $"{WhatIf}?run={Uri.EscapeDataString(run)}";

    /// <summary>The heatmap of one shard.</summary>
    public static string HeatmapOf(ShardId shard) => $"{Heatmap}?order=shard&shard={shard.Value.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The heatmap with a segment's drawer open.</summary>
    public static string Segment(SegmentId segment) => $"{Heatmap}?{SegmentParameter}={segment}";

    /// <summary>The heatmap as it will be after a plan.</summary>
    public static string HeatmapAfter(string plan) => $"{Heatmap}?mode=ap&order=node&plan={Uri.EscapeDataString(plan)}";

    /// <summary>The members, with one of them opened.</summary>
    public static string Member(string name) => $"{Fleet}?view=members&node={Uri.EscapeDataString(name)}";

    /// <summary>The nodes, with one of them opened.</summary>
    public static string Node(string name) => $"{Fleet}?node={Uri.EscapeDataString(name)}";
}
