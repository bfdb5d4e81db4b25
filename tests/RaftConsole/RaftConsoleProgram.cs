using System.Text;

namespace ShardConsole.RaftConsole;

/// <summary>Directives on standard input, answers on standard output; with --trace FILE every event of the cores as a line of JSON in that file.</summary>
internal static class RaftConsoleProgram
{
    private static int Main(string[] args)
    {
        if (args is not ([] or ["--trace", _]))
        {
            Console.Error.WriteLine("usage: RaftConsole [--trace FILE]");
            return 2;
        }

        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var input = new StreamReader(Console.OpenStandardInput(), utf8);
        using var output = new StreamWriter(Console.OpenStandardOutput(), utf8);
        using var trace = args is [_, var file] ? new StreamWriter(file, append: false, utf8) : null;
        ConsoleLoop.Run(input, output, trace);
        return 0;
    }
}
