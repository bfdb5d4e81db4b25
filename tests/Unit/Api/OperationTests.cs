using Microsoft.Extensions.Logging.Abstractions;
using ShardConsole.ControlPlane.Api;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Operations;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Api;

/// <summary>What takes long is an operation: begun, looked at, cancelled.</summary>
public sealed class OperationTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly (string Name, string Value) Async = ("Prefer", "respond-async");

    [Theory]
    [InlineData("/api/v1/forecasts", "forecast", "no-history")]
    [InlineData("/api/v1/plans", "plan", "unavailable")]
    public async Task A_caller_who_does_not_want_to_wait_gets_an_operation_that_tells_its_end(string path, string kind, string code)
    {
        var begun = await server.SendAsync("POST", path, Roles.Operator, path.EndsWith("plans", StringComparison.Ordinal) ? "{}" : null, Async);
        Assert.Equal((202, "respond-async", kind), (begun.Status, begun.Header("Preference-Applied"), begun.Body.GetProperty("kind").GetString()));
        var location = begun.Header("Location")!;
        Assert.Equal($"/api/v1/operations/{begun.Body.GetProperty("id").GetString()}", location);
        var now = await server.SendAsync("GET", location, Roles.Viewer);
        while (now.Body.GetProperty("state").GetString() == "Running")
        {
            now = await server.SendAsync("GET", location, Roles.Viewer);
        }

        Assert.Equal(("Failed", code), (now.Body.GetProperty("state").GetString(), now.Body.GetProperty("code").GetString()));
        Assert.Equal((409, "conflict"), ((await server.SendAsync("DELETE", location)).Status, (await server.SendAsync("POST", location + "/cancel", json: "{}")).Code));
    }

    [Fact]
    public async Task Without_the_header_the_answers_are_as_before() =>
        Assert.Equal((409, 503), ((await server.SendAsync("POST", "/api/v1/forecasts")).Status, (await server.SendAsync("POST", "/api/v1/plans", json: "{}")).Status));

    [Fact]
    public async Task A_replay_and_an_import_are_operations_too()
    {
        var replay = await server.SendAsync("POST", "/api/v1/what-if", Roles.Operator, """{"days":1}""");
        var operation = replay.Body.GetProperty("operation").GetString()!;
        var view = (await server.SendAsync("GET", operation, Roles.Viewer)).Body;
        Assert.Equal(("what-if", "Waiting", replay.Header("Location")), (view.GetProperty("kind").GetString(), view.GetProperty("state").GetString(), view.GetProperty("result").GetString()));
        Assert.Equal(200, (await server.SendAsync("POST", operation + "/cancel", json: "{}")).Status);
        Assert.Equal("Cancelled", (await server.SendAsync("GET", replay.Header("Location")!)).Body.GetProperty("state").GetString());

        server.Imports.Taken.Add(("a.csv", "x", "ann"));
        var import = $"/api/v1/operations/import-{server.Imports.Taken.Count}";
        Assert.Equal("import", (await server.SendAsync("GET", import)).Body.GetProperty("kind").GetString());
        Assert.Equal(200, (await server.SendAsync("DELETE", import)).Status);
        Assert.Contains((await server.SendAsync("GET", "/api/v1/operations?kind=import")).Body.GetProperty("items").EnumerateArray(), o => $"/api/v1/operations/{o.GetProperty("id").GetString()}" == import);
        Assert.Equal(404, (await server.SendAsync("GET", "/api/v1/operations/beef")).Status);
        Assert.Equal(["kind"], (await server.SendAsync("GET", "/api/v1/operations?kind=rain")).Fields);
    }

    [Fact]
    public async Task A_running_one_is_cancelled_its_result_is_named_and_there_are_not_more_than_the_limits()
    {
        var desk = new OperationDesk(
            new ApiOptions { MaxRunningOperations = 2, MaxKeptOperations = 2 }, new NoReplays(), new FakeImports(), TimeProvider.System, NullLogger<OperationDesk>.Instance);
        var (waits, _) = desk.Begin("plan", "waits", "ann", async stop =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return new Outcome(null, "");
        });
        var ends = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (second, _) = desk.Begin("plan", "ends", "ann", _ => ends.Task);
        Assert.Equal("busy", desk.Begin("plan", "third", "ann", _ => ends.Task).Refusal?.Code);

        ends.SetResult(new Outcome(null, "made", "/api/v1/plans/abcd"));
        Assert.Equal((OperationState.Done, "/api/v1/plans/abcd", 1.0), await EndAsync(desk, second!.Id));
        Assert.True((await desk.CancelAsync(waits!.Id, "ann", default)).Done);
        Assert.Equal(OperationState.Cancelled, (await EndAsync(desk, waits.Id)).State);
        for (var i = 0; i < 3; i++)
        {
            var (more, _) = desk.Begin("plan", "more", "ann", _ => throw new InvalidOperationException("made to fail"));
            Assert.Equal(OperationState.Failed, (await EndAsync(desk, more!.Id)).State);
        }

        Assert.InRange(desk.List().Count, 2, 3);
        Assert.Null(desk.Find(second.Id));
        await desk.StopAsync(default);
        Assert.NotNull(desk.Begin("plan", "late", "ann", _ => ends.Task).Refusal);
    }

    private static async Task<(OperationState State, string? Result, double? Progress)> EndAsync(OperationDesk desk, string id)
    {
        while (!desk.Find(id)!.Ended)
        {
            await Task.Yield();
        }

        var view = desk.Find(id)!;
        return (view.State, view.Result, view.Progress);
    }

    private sealed class NoReplays : IWhatIfDesk
    {
        public event Action? Changed
        {
            add { }
            remove { }
        }

        public IReadOnlyList<WhatIfRun> List() => [];

        public WhatIfRun? Find(string id) => null;

        public Outcome Start(WhatIfChange change, Actor by) => throw new NotSupportedException();

        public Outcome Cancel(string id) => throw new NotSupportedException();
    }
}
