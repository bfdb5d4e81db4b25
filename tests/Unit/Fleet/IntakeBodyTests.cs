using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Fleet;

public sealed class IntakeBodyTests : IAsyncLifetime
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    private readonly TestDatabase database = new();
    private readonly FakeFleet fleet = new();
    private HistoryStore? history;
    private WebApplication? app;

    public async ValueTask InitializeAsync()
    {
        var real = TestClock.Real();
        var clock = TestClock.Model(real);
        fleet.Set(Reports.State());
        history = new HistoryStore(new FrameTable(database), new HistoryOptions(), clock);
        var intake = new LoadIntake(fleet, history, database, new IntakeOptions(), clock, real);
        await intake.StartAsync(64, default);
        var keyFile = Path.Combine(database.Folder.Path, "cluster.key");
        await File.WriteAllTextAsync(keyFile, Key);
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(intake).AddSingleton(ClusterKey.Read(keyFile)).AddRequestDecompression();
        app = builder.Build();
        app.UseIntakeBodies(new IntakeOptions());
        app.MapIntake();
        await app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await app!.DisposeAsync();
        history!.Dispose();
        database.Dispose();
    }

    [Fact]
    public async Task A_report_may_come_compressed()
    {
        var report = Reports.Report(Reports.N1, 1, TestClock.Start, Reports.Load(4, 30));
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await JsonSerializer.SerializeAsync(gzip, report, JsonSerializerOptions.Web);
        }

        Assert.Equal(204, await PostAsync(packed.ToArray(), "gzip"));
        Assert.Equal(204, await PostAsync(JsonSerializer.SerializeToUtf8Bytes(report with { Sequence = 2 }, JsonSerializerOptions.Web), null));
    }

    [Fact]
    public async Task What_is_not_compressed_as_it_says_is_refused() => Assert.Equal(400, await PostAsync(Encoding.UTF8.GetBytes("nonsense"), "gzip"));

    private async Task<int> PostAsync(byte[] body, string? encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, AdminRoutes.LoadIntake) { Content = new ByteArrayContent(body) };
        request.Headers.Add(AdminRoutes.KeyHeader, Key);
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        using var client = app!.GetTestClient();
        using var response = await client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
