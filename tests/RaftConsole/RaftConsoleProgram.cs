using System.Text;

namespace ShardConsole.RaftConsole;

/// <summary>Directives on standard input, answers on standard output.</summary>
internal static class RaftConsoleProgram
{
    private static void Main()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var input = new StreamReader(Console.OpenStandardInput(), utf8);
        using var output = new StreamWriter(Console.OpenStandardOutput(), utf8);
        ConsoleLoop.Run(input, output);
    }
}
