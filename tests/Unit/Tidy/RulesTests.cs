using System.Text.RegularExpressions;

namespace ShardConsole.Unit.Tidy;

/// <summary>The list of rules and their tests says what is there.</summary>
public sealed partial class RulesTests
{
    private const string List = "docs/data-plane-rules.md";

    [Fact]
    public void Every_test_that_the_rules_of_the_data_plane_name_exists()
    {
        var names = Named().Matches(File.ReadAllText(Path.Combine(Repository.Root, List))).Select(m => (Class: m.Groups[1].Value, Test: m.Groups[2].Value)).Distinct().ToList();
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests*.cs", SearchOption.AllDirectories)
            .GroupBy(f => Path.GetFileName(f).Split('.')[0]).ToDictionary(g => g.Key, g => string.Concat(g.Select(File.ReadAllText)));

        Assert.True(names.Count > 50, $"Only {names.Count} tests are named in {List}.");
        Assert.Empty(names.Where(n => !sources.TryGetValue(n.Class, out var text) || !text.Contains($" {n.Test}(", StringComparison.Ordinal)).Select(n => $"{n.Class}.{n.Test}"));
    }

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex Named();
}
