namespace ShardConsole.Simulation;

/// <summary>
/// What clients were told against what was committed: every attempt of a write has an id of its own, so what happened to it is known exactly. Versions of a key are counted in
/// the order in which they were first applied anywhere; version 0 is its absence.
/// </summary>
internal sealed class ClientLedger
{
    private readonly Dictionary<string, List<string?>> versions = [];
    private readonly Dictionary<string, (string Key, int Version)> applied = [];
    private readonly Dictionary<string, int> floors = [];
    private readonly HashSet<string> denied = [];

    /// <summary>A write was carried out by a committed entry.</summary>
    /// <param name="attempt">Id of the attempt.</param>
    /// <param name="value">What is there from now on; null: nothing.</param>
    public void OnApplied(string key, string attempt, string? value)
    {
        if (denied.Contains(attempt))
        {
            throw new SimulationFailedException(Invariant.NotExecutedIsNotExecuted, $"The write {attempt} of {key} is carried out, although its client was told that it was not executed.");
        }

        var known = Versions(key);
        known.Add(value);
        if (!applied.TryAdd(attempt, (key, known.Count - 1)))
        {
            throw new SimulationFailedException(Invariant.ExecutedOnce, $"The write {attempt} of {key} is carried out a second time.");
        }
    }

    /// <summary>A node said "not executed".</summary>
    public void OnDenied(string attempt)
    {
        if (applied.TryGetValue(attempt, out var at))
        {
            throw new SimulationFailedException(Invariant.NotExecutedIsNotExecuted, $"The write {attempt} of {at.Key} is answered \"not executed\", although it was carried out.");
        }

        denied.Add(attempt);
    }

    /// <summary>A node said "done" to a write.</summary>
    public void OnDone(string key, string attempt)
    {
        if (!applied.ContainsKey(attempt))
        {
            throw new SimulationFailedException(Invariant.AcknowledgedIsCommitted, $"The write {attempt} of {key} is acknowledged, although no committed entry has carried it out.");
        }
    }

    /// <summary>A client has received the acknowledgement: from now on nobody may read anything older.</summary>
    public void OnAcknowledged(string attempt) => Raise(applied[attempt].Key, applied[attempt].Version);

    /// <summary>The oldest version that a read which begins now may give.</summary>
    public int Floor(string key) => floors.GetValueOrDefault(key);

    /// <summary>A client has received the value of a read.</summary>
    /// <param name="floor">As it was when the read began.</param>
    public void OnRead(string key, string? value, int floor)
    {
        var known = Versions(key);
        var at = known.FindIndex(Math.Min(floor, known.Count - 1), v => v == value);
        if (at < 0)
        {
            throw new SimulationFailedException(
                Invariant.NoStaleRead,
                $"A read of {key} gives {value ?? "nothing"}, {(known.Contains(value) ? $"which is older than {known[floor] ?? "nothing"}, known before the read began" : "which nobody wrote")}.");
        }

        Raise(key, at);
    }

    private void Raise(string key, int version) => floors[key] = Math.Max(floors.GetValueOrDefault(key), version);

    private List<string?> Versions(string key)
    {
        if (!versions.TryGetValue(key, out var known))
        {
            versions[key] = known = [null];
        }

        return known;
    }
}
