using System.Globalization;
using System.Text;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Import;

namespace ShardConsole.Unit.Api;

/// <summary>Takes uploads into memory.</summary>
internal sealed class FakeImports : IImportDesk
{
    public List<(string FileName, string Content, string By)> Taken { get; } = [];

    public IReadOnlyList<ImportRow> List() => [.. Taken.Select((t, i) => new ImportRow(
        i + 1, t.FileName, "waiting", 0, t.Content.Length, 0, 0, [], null, null, null, Support.TestClock.Start))];

    public async Task<Outcome> UploadAsync(string fileName, Stream content, ImportSettings settings, string by, CancellationToken cancellation)
    {
        using var reader = new StreamReader(content, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(cancellation);
        if (text.Length == 0)
        {
            return new Outcome("invalid", $"{fileName} is empty.");
        }

        Taken.Add((fileName, text, by));
        return new Outcome(null, "queued", Taken.Count.ToString(CultureInfo.InvariantCulture));
    }

    public Task<Outcome> TakeBackAsync(long id, string by, CancellationToken cancellation) => Task.FromResult(new Outcome("conflict", $"Import {id} is waiting."));

    public Task<Outcome> CancelAsync(long id, string by, CancellationToken cancellation) =>
        Task.FromResult(id <= Taken.Count ? new Outcome(null, "cancelled", $"{id}") : new Outcome("not-found", $"There is no import {id}."));
}
