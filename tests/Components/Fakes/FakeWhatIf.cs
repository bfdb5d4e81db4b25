using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.Components.Fakes;

/// <summary>Replays that go as far as a test says.</summary>
internal sealed class FakeWhatIf(DateTimeOffset now) : IWhatIfDesk
{
    public event Action? Changed;

    public List<WhatIfRun> Runs { get; } = [];

    public List<string> Asked { get; } = [];

    public WhatIfChange? Last { get; private set; }

    public Outcome Answer { get; set; } = new(null, "", "r1");

    public IReadOnlyList<WhatIfRun> List() => Runs;

    public WhatIfRun? Find(string id) => Runs.Find(r => r.Id == id);

    public Outcome Start(WhatIfChange change, Actor by)
    {
        Last = change;
        Asked.Add($"start by {by}");
        return Answer;
    }

    public Outcome Cancel(string id)
    {
        Asked.Add($"cancel {id}");
        return new Outcome(null, "");
    }

    /// <summary>Puts a run in the place of the one with its id, and says so.</summary>
    public void Put(WhatIfRun run)
    {
        Runs.RemoveAll(r => r.Id == run.Id);
        Runs.Add(run);
        Changed?.Invoke();
    }

    public WhatIfRun Of(WhatIfState state, double progress = 0, params WhatIfColumn[] columns) => new(
        "r1", "Without n6", state, progress, progress > 0 ? 12 : null, "ops-1", now, new WhatIfChange { Without = ["n6"] }, now.AddDays(-7), now, 1.4, 2800, 0.7, 0.2, 5, columns,
        state == WhatIfState.Failed ? "There is less than an hour of history yet." : null);

    public WhatIfColumn Column(string policy, double minutes, int moves) => new(
        policy, minutes, minutes / 4, 1.19, 1.47, moves, moves / 10, 0, moves * 150_000_000L, policy == "plan" ? 0.42 : null, [now.AddDays(-1), now.AddHours(-12)], ["n1", "n2"],
        [[0.3f, 0.4f], [0.9f, 1.19f]]);
}
