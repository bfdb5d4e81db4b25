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

    /// <summary>GET: array of <see cref="ReplicaChangeStatus"/>, newest first. POST <see cref="ChangeMigration"/> to /v1/replicas/{id}/cancel: <see cref="MetaAnswer"/>.</summary>
    public const string Replicas = "/v1/replicas";

    /// <summary>POST <see cref="ReplaceReplica"/> to /v1/shards/{id}/replicas, id "s-07" or "meta": <see cref="MetaAnswer"/> with the change's id, 202, 409 when refused, 421.</summary>
    public const string Shards = "/v1/shards";

    /// <summary>POST <see cref="TransferLeader"/> to /v1/shards/{id}/leader: <see cref="MetaAnswer"/>, 202, 409 when refused, 421.</summary>
    public static string LeaderOf(Cluster.ShardId shard) => $"{Shards}/{shard}/leader";

    /// <summary>GET: <see cref="NodeIntegrity"/>, of the shards that the node leads or has compared.</summary>
    public const string Integrity = "/v1/integrity";

    /// <summary>POST <see cref="StartCheck"/>: <see cref="CheckAnswer"/> with 202.</summary>
    public const string Checks = "/v1/integrity/checks";

    /// <summary>POST <see cref="ChangeMigration"/> to /v1/integrity/orphans/{segment}/drop: 202, or 409 where no shard that is led here holds it as an orphan.</summary>
    public const string Orphans = "/v1/integrity/orphans";

    /// <summary>POST <see cref="SetHalt"/>: <see cref="MetaAnswer"/>.</summary>
    public const string Halt = "/v1/halt";

    /// <summary>PUT <see cref="MigrationLimits"/>: <see cref="MetaAnswer"/>.</summary>
    public const string Limits = "/v1/limits";

    /// <summary>POST <see cref="ChangeMigration"/> to /v1/migrations/{id}/cancel (pause, resume, rollback and finish likewise: finish ends retention now).</summary>
    public static string Change(ulong migration, string verb) => $"{Migrations}/{migration}/{verb}";

    /// <summary>POST <see cref="ChangeMigration"/> to /v1/nodes/{id}/drain (retire, undrain and leave likewise; retire: the shards that it leads go with it; leave only when it is empty): <see cref="MetaAnswer"/>.</summary>
    public const string Nodes = "/v1/nodes";

    /// <summary>Where a member is drained, taken back or let go.</summary>
    public static string Member(Cluster.NodeId node, string verb) => $"{Nodes}/{node}/{verb}";

    /// <summary>Where the replicas of a group are changed.</summary>
    public static string ReplicasOf(Cluster.GroupId group) => $"{Shards}/{group}/replicas";

    /// <summary>Where a change of replicas is taken back.</summary>
    public static string CancelReplicas(ulong change) => $"{Replicas}/{change}/cancel";

    /// <summary>Where an orphan is dropped.</summary>
    public static string DropOrphan(Cluster.SegmentId segment) => $"{Orphans}/{segment}/drop";

    /// <summary>Control plane, POST <see cref="LoadReport"/>: 204, or 409 for a foreign cluster.</summary>
    public const string LoadIntake = "/intake/v1/load";

    /// <summary>Header that carries the cluster key between nodes and control plane, on every admin and intake call but health and metrics.</summary>
    public const string KeyHeader = "X-ShardConsole-Key";
}
