namespace ShardConsole.ControlPlane.Approval;

/// <summary>How plans are made and how long they wait.</summary>
internal sealed class ApprovalOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Approval";

    /// <summary>Make a plan after each forecast.</summary>
    public bool PlanAfterForecast { get; set; } = true;

    /// <summary>Plans that a list answers, newest first, 1..10000.</summary>
    public int MaxListed { get; set; } = 200;

    /// <summary>Entries "nothing to do" that are kept, 1..10000; older ones are deleted.</summary>
    public int KeptNothingToDo { get; set; } = 50;

    /// <summary>Moves of the past that the planner is told of, model hours.</summary>
    public double PastHours { get; set; } = 12;

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (MaxListed is < 1 or > 10_000)
        {
            yield return $"Approval:MaxListed {MaxListed} is outside 1..10000.";
        }

        if (KeptNothingToDo is < 1 or > 10_000)
        {
            yield return $"Approval:KeptNothingToDo {KeptNothingToDo} is outside 1..10000.";
        }

        if (PastHours is not (>= 0 and <= 720))
        {
            yield return $"Approval:PastHours {PastHours} is outside 0..720.";
        }
    }
}
