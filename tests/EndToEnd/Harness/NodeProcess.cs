using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>One node of a cluster under test: its ports and folder stay, its process comes and goes.</summary>
internal sealed class NodeProcess(string name, int[] ports, string folder, IReadOnlyList<string> arguments) : IDisposable
{
    private const int KeptLines = 200;
    private readonly ConcurrentQueue<string> output = new();
    private Process? process;

    public string Name => name;

    public int ClientPort => ports[0];

    public int AdminPort => ports[3];

    public string Folder => folder;

    public string PidFile => folder + ".pid";

    public bool IsRunning => process is { HasExited: false };

    /// <summary>Its process id while it runs.</summary>
    public int ProcessId => process!.Id;

    public int ExitCode => process!.ExitCode;

    /// <summary>The last lines that the node wrote.</summary>
    public string Output => string.Join('\n', output.Select(line => $"[{name}] {line}"));

    /// <summary>The program that is tested: the one of the same configuration as this assembly.</summary>
    public static string Program
    {
        get
        {
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(own.Parent!.Parent!.FullName, "NodeAgent", own.Name, "ShardConsole.NodeAgent.dll");
        }
    }

    /// <summary>Flags that name the node, its ports and its folder.</summary>
    public static List<string> Flags(string name, int[] ports, string folder)
    {
        string[] flags = ["--client-port", "--peer-port", "--gossip-port", "--admin-port"];
        List<string> all = ["--name", name, "--data", folder, "--pid-file", folder + ".pid"];
        for (var i = 0; i < flags.Length; i++)
        {
            all.AddRange([flags[i], ports[i].ToString(CultureInfo.InvariantCulture)]);
        }

        return all;
    }

    /// <summary>Starts the node; with <paramref name="failpoint"/> it dies or fails where that says.</summary>
    public void Start(string failpoint = "")
    {
        process?.Dispose();
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SHARDCONSOLE_FAILPOINT"] = failpoint;
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        output.Enqueue($"(starts) {failpoint}");
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        output.Enqueue("(killed)");
        process!.Kill();
        await WaitForExitAsync();
    }

    /// <summary>SIGTERM: the node may finish.</summary>
    public async Task TerminateAsync()
    {
        Signal(15);
        await WaitForExitAsync();
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Signal(19);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal(18);

    public async Task WaitForExitAsync()
    {
        using var guard = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process!.WaitForExitAsync(guard.Token);
    }

    public void Dispose()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            process.WaitForExit();
        }

        process?.Dispose();
    }

    private void Signal(int signal)
    {
        output.Enqueue($"(signal {signal})");
        Assert.Equal(0, kill(process!.Id, signal));
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrEmpty(line))
        {
            return;
        }

        output.Enqueue(line);
        if (output.Count > KeptLines)
        {
            _ = output.TryDequeue(out _);
        }
    }

#pragma warning disable SYSLIB1054, CA5392 // one call without marshalling does not need generated code
    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, CA5392
}
