namespace ShardConsole.ControlPlane.Api.Operations;

/// <summary>How far an operation is. Words of REST.</summary>
internal enum OperationState
{
    /// <summary>Others run before it.</summary>
    Waiting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>Its result is there.</summary>
    Done,

    /// <summary>It did not come to a result; the detail says why.</summary>
    Failed,

    /// <summary>Somebody cancelled it.</summary>
    Cancelled,
}

/// <summary>Something that takes long.</summary>
/// <param name="Id">Names it below /operations.</param>
/// <param name="Kind">"forecast", "plan", "what-if" or "import".</param>
/// <param name="Title">What it is, for people.</param>
/// <param name="Progress">0..1; null where it is not known before the end.</param>
/// <param name="Code">Why it failed, one word for programs; null where it did not.</param>
/// <param name="Detail">What it does or came to, a sentence; may be empty.</param>
/// <param name="Result">Path of the result; null before it is there.</param>
/// <param name="At">When it was asked for: model time for a replay, real time for the others.</param>
internal sealed record OperationView(
    string Id, string Kind, string Title, OperationState State, double? Progress, string? Code, string Detail, string? Result, string By, DateTimeOffset At)
{
    /// <summary>Whether it has ended.</summary>
    public bool Ended => State > OperationState.Running;
}
