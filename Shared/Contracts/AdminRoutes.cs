namespace ShardConsole.Shared.Contracts;

/// <summary>Paths of the node's admin port and of the control plane's intake. JSON in camel case (web defaults).</summary>
public static class AdminRoutes
{
    /// <summary>GET: 200 "ok" when the node serves, 503 with the reason when not.</summary>
    public const string Health = "/health";

    /// <summary>GET: Prometheus text format.</summary>
    public const string Metrics = "/metrics";

    /// <summary>GET: <see cref="NodeState"/>.</summary>
    public const string State = "/v1/state";

    /// <summary>GET: <see cref="ClusterState"/>.</summary>
    public const string Cluster = "/v1/cluster";

    /// <summary>GET: array of <see cref="MigrationStatus"/>; POST <see cref="StartMigration"/>: <see cref="MetaAnswer"/> with 202, 409 when refused, 421 <see cref="NotMetaLeader"/>.</summary>
    public const string Migrations = "/v1/migrations";

    /// <summary>POST <see cref="SetHalt"/>: <see cref="MetaAnswer"/>.</summary>
    public const string Halt = "/v1/halt";

    /// <summary>PUT <see cref="MigrationLimits"/>: <see cref="MetaAnswer"/>.</summary>
    public const string Limits = "/v1/limits";

    /// <summary>POST <see cref="ChangeMigration"/> to /v1/migrations/{id}/cancel (pause, resume, rollback and finish likewise: finish ends retention now).</summary>
    public static string Change(ulong migration, string verb) => $"{Migrations}/{migration}/{verb}";

    /// <summary>Control plane, POST <see cref="LoadReport"/>: 204, or 409 for a foreign cluster.</summary>
    public const string LoadIntake = "/intake/v1/load";

    /// <summary>Header that carries the cluster key between nodes and control plane, on every admin and intake call but health and metrics.</summary>
    public const string KeyHeader = "X-ShardConsole-Key";
}
