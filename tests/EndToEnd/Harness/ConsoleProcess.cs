using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>The control plane with its local nodes, started as a person starts it, in a folder of its own on free ports.</summary>
internal sealed class ConsoleProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> output = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("shardconsole-");
    private readonly Process process;

    private ConsoleProcess(IEnumerable<string> flags)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] all =
        [
            Path.Combine(own.Parent!.Parent!.FullName, "ControlPlane", own.Name, "ShardConsole.ControlPlane.dll"),
            "--data", folder.FullName, "--port", "0", "--base-port", "0", .. flags,
        ];
        Array.ForEach(all, start.ArgumentList.Add);
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, e) => output.Enqueue(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => output.Enqueue(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Its data folder.</summary>
    public string Folder => folder.FullName;

    /// <summary>All that it wrote.</summary>
    public string Output => string.Join('\n', output);

    /// <summary>The link that creates the administrator.</summary>
    public string SetupLink { get; private set; } = "";

    /// <summary>Starts it and waits for the link.</summary>
    public static async Task<ConsoleProcess> StartAsync(params string[] flags)
    {
        var console = new ConsoleProcess(flags);
        console.SetupLink = await Eventually.ValueAsync(
            "the link of the first sign-in", () => Task.FromResult(console.output.Select(Link).FirstOrDefault(l => l is not null)), () => console.Output);
        return console;
    }

    /// <summary>Asks it to stop, which stops its nodes, and removes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            _ = kill(process.Id, SigTerm);
            using var limit = new CancellationTokenSource(Patience);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }

        process.Dispose();
        folder.Delete(recursive: true);
    }

    private static string? Link(string line)
    {
        var at = line.StartsWith("First sign-in", StringComparison.Ordinal) ? line.IndexOf("http", StringComparison.Ordinal) : -1;
        return at < 0 ? null : line[at..].Trim();
    }

#pragma warning disable SYSLIB1054, CA5392 // one call without marshalling does not need generated code
    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, CA5392
}
