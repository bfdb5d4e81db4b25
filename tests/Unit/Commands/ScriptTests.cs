using System.Text;
using ShardConsole.Unit.Resp;
using ShardConsole.Unit.Routing;
using ShardConsole.Unit.Tidy;

namespace ShardConsole.Unit.Commands;

/// <summary>
/// Runs the scripts beside this file through a whole connection over one node of fakes that owns everything. A script is blocks of a command, a line of
/// dashes, and the bytes of the reply with CR LF as the end of a line; the replies were taken from redis-server 7.0.15 where it has the command.
/// "@advance n" moves the clock by n milliseconds. UPDATE_GOLDEN=1 writes the replies of this run into the scripts.
/// </summary>
public sealed class ScriptTests
{
    private const string Separator = "----";

    public static TheoryData<string> Scripts =>
        new(Directory.EnumerateFiles(Folder, "*.txt").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));

    private static string Folder => Path.Combine(Repository.Root, "tests", "Unit", "Commands", "scripts");

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_script_gets_the_replies_that_it_names(string script)
    {
        var file = Path.Combine(Folder, script);
        var expected = await File.ReadAllTextAsync(file);
        var actual = await RunAsync(expected);

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(file, actual);
        }

        Assert.Equal(expected, actual);
    }

    private static async Task<string> RunAsync(string script)
    {
        var clock = TestClient.NewClock();
        var view = new FakeNodeView(nodes: 1, segmentCount: 64);
        view.Add(new FakeReplica(view.Map.Shards[0].Id, 64, clock) { Leader = view.Self }.Own(Enumerable.Range(0, 64)));
        await using var client = new TestClient(view, clock: clock);
        var output = new StringBuilder();
        var lines = script.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("@advance ", StringComparison.Ordinal))
            {
                clock.Advance(TimeSpan.FromMilliseconds(int.Parse(lines[i].AsSpan(9), System.Globalization.CultureInfo.InvariantCulture)));
            }

            output.Append(lines[i]).Append(i + 1 < lines.Length ? "\n" : "");
            if (i + 1 < lines.Length && lines[i + 1] == Separator)
            {
                var reply = await client.CallAsync(lines[i]);
                output.Append(Separator).Append('\n').Append(Show(reply)).Append('\n');
                i += 2;
                while (i < lines.Length && lines[i].Length > 0)
                {
                    i++;
                }
            }
        }

        return output.ToString();
    }

    /// <summary>A line of the reply that is empty is shown as ~, a zero byte as \0.</summary>
    private static string Show(string reply) =>
        string.Concat(reply.Replace("\0", "\\0", StringComparison.Ordinal).Split("\r\n").SkipLast(1).Select(line => (line.Length == 0 ? "~" : line) + "\n"));
}
