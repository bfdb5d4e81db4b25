using System.Diagnostics;
using System.Globalization;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>Debian's redis-cli, as a user types it.</summary>
internal static class RedisCli
{
    /// <summary>Runs one command and returns what it printed.</summary>
    public static async Task<string> RunAsync(int port, params string[] command)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/redis-cli"), "redis-cli is not installed: apt-get install redis-tools.");
        var start = new ProcessStartInfo("/usr/bin/redis-cli") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])["-c", "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), .. command])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var guard = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var error = process.StandardError.ReadToEndAsync(guard.Token);
        var output = await process.StandardOutput.ReadToEndAsync(guard.Token);
        await process.WaitForExitAsync(guard.Token);
        return (output + await error).TrimEnd('\n');
    }
}
