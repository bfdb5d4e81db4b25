namespace ShardConsole.ControlPlane.Api.Requests;

/// <summary>Starts one more node of a local cluster.</summary>
/// <param name="Zone">Failure zone; none where it is left out.</param>
/// <param name="Reason">For the audit, 1 to 1000 characters; needed.</param>
internal sealed record AddMemberBody(string? Zone, string? Reason) : IBody;

/// <summary>Empties a member.</summary>
/// <param name="Reason">For the audit, 1 to 1000 characters; needed.</param>
/// <param name="ThenLeave">It leaves by itself when it is empty; false where it is left out.</param>
internal sealed record DrainBody(string? Reason, bool? ThenLeave = null) : IBody;

/// <summary>Changes the replicas of a group. Both names: the replica goes from one to the other; one of them: it is only added or only removed.</summary>
/// <param name="From">Name or id of the member whose replica goes.</param>
/// <param name="To">Name or id of the member that gets one.</param>
/// <param name="Reason">For the audit, 1 to 1000 characters; needed.</param>
internal sealed record ReplicaBody(string? From, string? To, string? Reason) : IBody;

/// <summary>Lets another replica of a shard lead it.</summary>
/// <param name="To">Name or id of the member that is to lead; it holds a replica already.</param>
/// <param name="Reason">For the audit, 1 to 1000 characters; needed.</param>
internal sealed record LeaderBody(string? To, string? Reason) : IBody;

/// <summary>Compares replicas now.</summary>
/// <param name="Shard">Only this shard; all where it is left out.</param>
/// <param name="Reason">For the audit, up to 1000 characters.</param>
internal sealed record CompareBody(string? Shard, string? Reason) : IBody;
