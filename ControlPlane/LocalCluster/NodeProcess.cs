using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ShardConsole.ControlPlane.LocalCluster;

/// <summary>One running node program: started here, or found running after this program was killed.</summary>
internal sealed class NodeProcess : IDisposable
{
    private const int SigTerm = 15;

    private readonly Process process;

    private NodeProcess(Process process, bool adopted)
    {
        this.process = process;
        Adopted = adopted;
    }

    /// <summary>True when the process was already running.</summary>
    public bool Adopted { get; }

    /// <summary>Operating system's id.</summary>
    public int Id => process.Id;

    /// <summary>Exit code, or null where it cannot be known (an adopted process is not our child).</summary>
    public int? ExitCode => Adopted ? null : process.ExitCode;

    /// <summary>Starts the node program. Its output goes to <paramref name="log"/> line by line.</summary>
    public static NodeProcess Start(string agentPath, IReadOnlyList<string> arguments, Action<string> log)
    {
        var isLibrary = agentPath.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isLibrary ? DotnetHost() : agentPath)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (isLibrary)
        {
            start.ArgumentList.Add(agentPath);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new StartupException($"{agentPath} could not be started.");
        process.OutputDataReceived += (_, e) => Forward(e.Data, log);
        process.ErrorDataReceived += (_, e) => Forward(e.Data, log);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new NodeProcess(process, adopted: false);
    }

    /// <summary>The node that runs on <paramref name="folder"/> by its pid file, or null. The command line is compared, since a process id can come back.</summary>
    public static NodeProcess? Find(string pidFile, string folder)
    {
        if (!File.Exists(pidFile) || !int.TryParse(File.ReadAllText(pidFile).Split('\n')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }

        try
        {
            var commandLine = File.ReadAllText($"/proc/{id}/cmdline").Split('\0');
            return commandLine.Contains(folder) ? new NodeProcess(Process.GetProcessById(id), adopted: true) : null;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Ends when the process has ended.</summary>
    public Task WaitForExitAsync(CancellationToken cancellation) => process.WaitForExitAsync(cancellation);

    /// <summary>Asks the process to stop, waits, then kills it.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (process.HasExited)
        {
            return;
        }

        _ = kill(process.Id, SigTerm);
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => process.Dispose();

    private static void Forward(string? line, Action<string> log)
    {
        if (!string.IsNullOrEmpty(line))
        {
            log(line);
        }
    }

    private static string DotnetHost() => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet"
        ? path
        : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

#pragma warning disable SYSLIB1054, CA5392 // one call without marshalling does not need generated code
    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
#pragma warning restore SYSLIB1054, CA5392
}
