using System.Text;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.RaftConsole;

/// <summary>
/// The protocol of the console: blocks of lines that end with a blank line or the end of the input, each answered by "ok" or "error: text", one line of JSON and
/// a line ".". Lines that begin with # are comments. Where a directive takes no body, each further line of a block is a directive of its own; the first that
/// fails ends the block. What follows a line "----" (a recorded output) is skipped.
/// </summary>
internal static class ConsoleLoop
{
    /// <summary>Longest block in characters.</summary>
    public const int MaxBlock = 1 << 20;

    /// <param name="input">Directives.</param>
    /// <param name="output">Answers.</param>
    /// <param name="trace">Takes every event of the cores as a line of JSON; null: no trace.</param>
    public static void Run(TextReader input, TextWriter output, TextWriter? trace = null)
    {
        var script = new RaftScript(trace is null ? null : e => trace.WriteLine(RaftTraceLine.Of(e)));
        var block = new StringBuilder();
        while (input.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                // One block that is too long is refused as a whole, so its rest need not be kept.
                block.Append(block.Length <= MaxBlock && !line.TrimStart().StartsWith('#') ? line + "\n" : "");
                continue;
            }

            Answer(script, block, output);
        }

        Answer(script, block, output);
    }

    private static void Answer(RaftScript script, StringBuilder block, TextWriter output)
    {
        var text = block.ToString();
        block.Clear();
        if (text.Length == 0)
        {
            return;
        }

        var (answer, result) = Execute(script, text);
        output.Write($"{answer}\n{StateLine.Of(script, result)}\n.\n");
        output.Flush();
    }

    private static (string Answer, string Result) Execute(RaftScript script, string block)
    {
        try
        {
            if (block.Length > MaxBlock)
            {
                throw new ScriptException($"a directive has {MaxBlock} characters at most");
            }

            var results = Directives(block).Select(script.Execute).Where(r => r.Length > 0).ToList();
            return ("ok", string.Join('\n', results));
        }
        catch (ScriptException e)
        {
            return ($"error: {OneLine(e.Message)}", "");
        }
        catch (RaftInvariantException e)
        {
            return ($"error: {OneLine(e.Message)}", "");
        }
    }

    private static IEnumerable<string> Directives(string block)
    {
        var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeWhile(l => l.Trim() != "----").ToArray();
        return lines.Length > 0 && lines[0].TrimStart().StartsWith("propose-conf-change", StringComparison.Ordinal) ? [string.Join('\n', lines)] : lines;
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
