using System.Text.RegularExpressions;

namespace ShardConsole.Unit.Tidy;

/// <summary>Holds the rule that what decides is pure: no task, lock, clock, logger, file or socket.</summary>
public sealed partial class PurityTests
{
    private static readonly string[] PureFolders =
        ["Shared/", "ControlPlane/Forecasting/", "ControlPlane/Patterns/", "ControlPlane/Scoring/", "ControlPlane/Planning/"];

    [Fact]
    public void Pure_folders_hold_no_task_lock_clock_logger_file_or_socket()
    {
        var files = new[] { "Shared", "NodeAgent", "ControlPlane" }.SelectMany(Repository.SourceFiles)
            .Where(f => IsPure(Repository.Relative(f))).ToList();
        var broken = files
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (File: Repository.Relative(f), Number: i + 1, Line: line)))
            .Where(x => !x.Line.TrimStart().StartsWith("//", StringComparison.Ordinal) && Impure().IsMatch(x.Line))
            .Select(x => $"{x.File}:{x.Number}: {x.Line.Trim()}");

        Assert.True(files.Count > 10, "The pure folders are found by name; they seem to have moved.");
        Assert.Equal([], broken);
    }

    [Theory]
    [InlineData("await task;", true)]
    [InlineData("private readonly Lock gate = new();", true)]
    [InlineData("lock (gate)", true)]
    [InlineData("ILogger logger", true)]
    [InlineData("File.ReadAllText(path)", true)]
    [InlineData("timeProvider.GetUtcNow()", true)]
    [InlineData("DateTimeOffset now", false)]
    [InlineData("var tasks = plan.Moves;", false)]
    public void The_pattern_sees_what_it_should(string line, bool impure) => Assert.Equal(impure, Impure().IsMatch(line));

    private static bool IsPure(string path) =>
        PureFolders.Any(p => path.StartsWith(p, StringComparison.Ordinal)) || path.Contains("/Core/", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(await|async)\b|\b(Value)?Task(<|\.|\s+\w+\()|\block\s*\(|\bLock\b|\bMonitor\.|\bSemaphoreSlim\b|\bILogger\b|\b(File|Directory|FileStream|Socket|HttpClient|Console)\b[.(\s]|\bGetUtcNow\b|\bGetTimestamp\b|\bTimeProvider\b|\bThread\b")]
    private static partial Regex Impure();
}
