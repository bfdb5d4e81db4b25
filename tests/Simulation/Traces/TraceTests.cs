namespace ShardConsole.Simulation.Traces;

public sealed class TraceTests
{
    /// <summary>Every trace of the folder, or one row that says that there is none.</summary>
    public static TheoryData<string> Names => ModelTrace.Folder is { } folder ? [.. ModelTrace.Read(folder).Select((t, i) => $"{i + 1}: {t.Name}")] : ["no folder"];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_failed_in_the_model_is_refused_or_survived_step_by_step_and_comes_to_rest(string name)
    {
        if (ModelTrace.Folder is not { } folder)
        {
            Assert.Skip("There is no folder shared/migration-check above this repository: the model's traces are not here.");
            return;
        }

        var driver = new TraceDriver();
        try
        {
            driver.Run(ModelTrace.Read(folder)[int.Parse(name.Split(':')[0], null) - 1]);
        }
        finally
        {
            foreach (var (text, taken) in driver.Log)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{(taken ? "      " : "refused")} {text}");
            }
        }

        Assert.Contains(driver.Log, s => s.Taken);
    }

    [Fact]
    public void Most_traces_end_in_a_step_that_is_refused()
    {
        if (ModelTrace.Folder is not { } folder)
        {
            Assert.Skip("There is no folder shared/migration-check above this repository: the model's traces are not here.");
            return;
        }

        var traces = ModelTrace.Read(folder);
        var refused = 0;
        foreach (var trace in traces)
        {
            var driver = new TraceDriver();
            driver.Run(trace);
            refused += driver.Log.Any(s => !s.Taken) ? 1 : 0;
        }

        Assert.True(refused * 5 > traces.Count * 4, $"Only in {refused} of {traces.Count} traces anything was refused: the driver does not drive them.");
    }
}
