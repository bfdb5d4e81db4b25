using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>Life of a plan. Persisted, append-only, never renumber.</summary>
internal enum PlanState : byte
{
    Proposed = 1,
    Approved = 2,
    Scheduled = 3,
    Running = 4,
    Done = 5,
    Rejected = 6,
    Stale = 7,
    Expired = 8,
    Halted = 9,
    Failed = 10,

    /// <summary>Shown as "Nothing to do": the planner looked and refused every move.</summary>
    NothingToDo = 11,
}

/// <summary>One row of a plan's life.</summary>
internal sealed record PlanLogEntry(DateTimeOffset At, PlanState State, string By, string Reason);

/// <summary>A plan in a list. Id is the plan's hash; its first four digits are the short name.</summary>
/// <param name="MinutesOverBefore">Predicted shard-minutes over the threshold within the planning horizon without the plan.</param>
/// <param name="BalanceBefore">Busiest node ÷ mean.</param>
/// <param name="Confidence">0..1.</param>
/// <param name="StartAt">When it starts (scheduled) or should start (suggested); model time.</param>
/// <param name="UsefulUntil">When the predicted crossing comes; null where there is none.</param>
/// <param name="MovesDone">Moves and transfers of leadership that ended as planned.</param>
/// <param name="PolicyVerdict">"no policy", "night moves: would approve", "night moves: no, 12 > 5 moves".</param>
internal sealed record PlanSummary(
    string Id, PlanState State, DateTimeOffset MadeAt, string Reason, int Moves, long Bytes, double Seconds,
    double BalanceBefore, double BalanceAfter, double MinutesOverBefore, double MinutesOverAfter, double Confidence,
    DateTimeOffset? StartAt, DateTimeOffset? UsefulUntil, string PolicyVerdict, int MovesDone, int MovesFailed, string? Drift)
{
    /// <summary>Its transfers of leadership; they copy nothing and are carried out before the moves.</summary>
    public int Transfers { get; init; }

    /// <summary>Why its rollout waits ("node n2 is lost"); null while it does not.</summary>
    public string? Held { get; init; }

    /// <summary>The person who made it or asked for its approval; with <see cref="FourEyes"/> another one has to approve.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Why it needs two people; null where one is enough.</summary>
    public string? FourEyes { get; init; }

    /// <summary>The plan that this one was made from by an edit or a refresh.</summary>
    public string? MadeFrom { get; init; }
}

/// <summary>Predicted CPU peak of a node without and with the plan, ratio of capacity.</summary>
internal sealed record NodeEffect(NodeId Node, string Name, double Before, double After);

/// <summary>A move of a plan with its migration, where that has begun.</summary>
internal sealed record PlanMove(Move Move, NodeId FromNode, NodeId ToNode, ulong MigrationId, MigrationPhase? Phase, string? Outcome);

/// <summary>A transfer of leadership of a plan with the names of its nodes. Outcome: how it ended; null before.</summary>
internal sealed record PlanTransfer(LeaderTransfer Transfer, string FromName, string ToName, bool Begun, string? Outcome);

/// <summary>A transfer of leadership that was looked at and not taken, with the names of its nodes.</summary>
internal sealed record RefusedTransfer(ShardId Shard, string FromName, string ToName, string Reason);

/// <summary>A whole plan.</summary>
/// <param name="Etag">Changes with the state; approve and reject quote it (If-Match).</param>
internal sealed record PlanDetail(
    PlanSummary Summary, Plan Plan, string Etag, IReadOnlyList<PlanMove> Moves, IReadOnlyList<NodeEffect> Nodes, IReadOnlyList<Refusal> Refused, IReadOnlyList<PlanLogEntry> Log)
{
    /// <summary>Its transfers of leadership; they are carried out before the moves.</summary>
    public IReadOnlyList<PlanTransfer> Transfers { get; init; } = [];

    /// <summary>Transfers of leadership that were looked at and not taken.</summary>
    public IReadOnlyList<RefusedTransfer> RefusedTransfers { get; init; } = [];
}

/// <summary>A migration as the console shows it.</summary>
/// <param name="EtaSeconds">NaN while unknown.</param>
internal sealed record MigrationRow(
    MigrationStatus Status, string PlanId, NodeId FromNode, NodeId ToNode, double EtaSeconds, double EtaSpreadSeconds, string WhatIsNext, DateTimeOffset StartedAt, DateTimeOffset? EndedAt);

/// <summary>A named rule that approves plans by itself. Off by default; the first one that approves counts.</summary>
/// <param name="Kinds">Kinds of plan that it may approve ("load", "reactive", "membership"); null or empty: all.</param>
/// <param name="Window">Name of the maintenance window in which alone its plans may move anything: each move's own start has to lie in it; empty: always.</param>
/// <param name="Actions">Kinds of action that its plans may be made of ("transfer", "move", "swap", "clump"); null or empty: all.</param>
internal sealed record AutoApplyPolicy(
    string Name, bool Enabled, int MaxMoves, long MaxBytes, double MinConfidence, double MinGainMinutes, IReadOnlyList<string>? Kinds = null, string Window = "",
    IReadOnlyList<string>? Actions = null);

/// <summary>State of an import of a historical query log. State: "waiting", "running", "done", "failed", "cancelled".</summary>
internal sealed record ImportRow(
    long Id, string FileName, string State, long BytesRead, long BytesTotal, long Rows, long Rejected, IReadOnlyList<string> FirstRejected,
    DateTimeOffset? From, DateTimeOffset? To, string? Error, DateTimeOffset CreatedAt);

/// <summary>The outcome of something asked for. Code is one word for programs ("stale", "not-found", "conflict", "invalid", "halted", "unavailable", or a MetaAnswer's); null when it was done.</summary>
internal sealed record Outcome(string? Code, string Detail, string? Id = null)
{
    /// <summary>Path of the operation that does it, where that takes long; null where it is done.</summary>
    public string? Operation { get; init; }

    /// <summary>Whether it was done.</summary>
    public bool Done => Code is null;
}
