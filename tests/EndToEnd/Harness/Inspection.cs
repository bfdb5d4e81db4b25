using System.Diagnostics;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>Runs `NodeAgent verify` and `NodeAgent dump` on the folder of a node that does not run.</summary>
internal static class Inspection
{
    public static async Task<(int ExitCode, string Output)> RunAsync(string verb, string folder)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { NodeProcess.Program, verb, folder })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
