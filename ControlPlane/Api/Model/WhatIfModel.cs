namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>What would have been otherwise. What is left out stays as it is now.</summary>
internal sealed record WhatIfChange
{
    /// <summary>Days of the cluster's own history that are replayed, 1..28.</summary>
    public int Days { get; init; } = 7;

    /// <summary>Another sharding threshold, mcore, above 0.</summary>
    public double? ThresholdMillicores { get; init; }

    /// <summary>Another comfort zone, 0.05..1.</summary>
    public double? ComfortZone { get; init; }

    /// <summary>Another quantile of the forecast to plan for, 0.5..0.99.</summary>
    public double? Quantile { get; init; }

    /// <summary>Another planning horizon, 1..48 h.</summary>
    public double? HorizonHours { get; init; }

    /// <summary>The traffic this many times, 0.1..10.</summary>
    public double Traffic { get; init; } = 1;

    /// <summary>Moves that run at once, 1..64.</summary>
    public int? MovesAtOnce { get; init; }

    /// <summary>Copy rate of the cluster, bytes per second, at least 1000.</summary>
    public long? ClusterBytesPerSecond { get; init; }

    /// <summary>Names of nodes that are lost: n6.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Nodes that are added, 0..64; each as large as the first one.</summary>
    public int Added { get; init; }

    /// <summary>Segments that stay where they are.</summary>
    public IReadOnlyList<int> Pinned { get; init; } = [];

    /// <summary>Also with perfect foresight: what the planner would have done had it known what came.</summary>
    public bool Foresight { get; init; }

    /// <summary>Also with the moves of this plan (hash or its beginning), made at the beginning of the time.</summary>
    public string? Plan { get; init; }
}

/// <summary>How far a replay is. Words of REST.</summary>
internal enum WhatIfState
{
    /// <summary>Another one runs.</summary>
    Waiting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>Its columns are there.</summary>
    Done,

    /// <summary>Somebody cancelled it.</summary>
    Cancelled,

    /// <summary>It could not be made; the failure says why.</summary>
    Failed,
}

/// <summary>A replay of the cluster's history under a change: an operation, and its result when it is done. Kept in memory, the newest ones.</summary>
/// <param name="Title">"Without n6, traffic × 1.5".</param>
/// <param name="Progress">0..1.</param>
/// <param name="SecondsLeft">Estimated, real seconds; null where it is not known.</param>
/// <param name="From">First moment that is replayed; null until it ran.</param>
/// <param name="ThresholdMillicores">Sharding threshold that was replayed with.</param>
/// <param name="ServiceMs">What a request needs on an idle node in the queueing model, ms.</param>
/// <param name="TargetMs">99th percentile over which a minute counts as violated, ms.</param>
/// <param name="Columns">No move, reactive, plan by forecast, and what was asked for beside them.</param>
internal sealed record WhatIfRun(
    string Id, string Title, WhatIfState State, double Progress, double? SecondsLeft, string By, DateTimeOffset AskedAt, WhatIfChange Change, DateTimeOffset? From, DateTimeOffset? To,
    double TookSeconds, double ThresholdMillicores, double ComfortZone, double ServiceMs, double TargetMs, IReadOnlyList<WhatIfColumn> Columns, string? Failure);

/// <summary>One policy's outcome.</summary>
/// <param name="Policy">"noMove", "reactive", "plan", "thisPlan" or "foresight".</param>
/// <param name="OutsideComfortMinutes">Node-minutes outside the comfort zone.</param>
/// <param name="ViolationMinutes">Node-minutes with the 99th percentile over the target.</param>
/// <param name="Highest">Largest CPU demand of a node, ratio of its capacity.</param>
/// <param name="Balance">Busiest node ÷ mean, median over the time; NaN without load.</param>
/// <param name="Moves">Moves that were made.</param>
/// <param name="Reversed">Those of them that took a segment straight back.</param>
/// <param name="Waiting">Moves that were asked for and never began.</param>
/// <param name="Skill">Skill of the forecasts an hour ahead at the end; null where none were made.</param>
/// <param name="Starts">Beginning of each column of time.</param>
/// <param name="Nodes">Names of the nodes.</param>
/// <param name="Utilisation">[node][column]: largest utilisation; NaN where it is not judged.</param>
internal sealed record WhatIfColumn(
    string Policy, double OutsideComfortMinutes, double ViolationMinutes, double Highest, double Balance, int Moves, int Reversed, int Waiting, long Bytes, double? Skill,
    IReadOnlyList<DateTimeOffset> Starts, IReadOnlyList<string> Nodes, IReadOnlyList<float[]> Utilisation)
{
    /// <summary>Utilisation of the busiest node in each column; NaN where none is judged.</summary>
    public IReadOnlyList<double> Busiest => [.. Starts.Select((_, c) => Utilisation.Select(u => (double)u[c]).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max())];
}

/// <summary>Replays under a change.</summary>
internal interface IWhatIfDesk
{
    /// <summary>Raised when a run has changed its state or moved on. Handlers must not block.</summary>
    event Action? Changed;

    /// <summary>Runs that are kept, the newest first.</summary>
    IReadOnlyList<WhatIfRun> List();

    /// <summary>One run; null where none is kept under this id.</summary>
    WhatIfRun? Find(string id);

    /// <summary>Queues a run. "invalid" names the field; "conflict" where too many wait. Id of the outcome is the run's.</summary>
    Outcome Start(WhatIfChange change, Actor by);

    /// <summary>Cancels a run that waits or runs.</summary>
    Outcome Cancel(string id);
}
