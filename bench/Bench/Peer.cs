using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ShardConsole.Bench;

/// <summary>A server process that a benchmark starts, on a folder of its own, and kills at the end.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process process;
    private bool disposed;

    private Peer(Process process) => this.process = process;

    /// <summary>Folder with everything that the benchmarks write; removed at the end.</summary>
    public static string Folder { get; } = Directory.CreateTempSubdirectory("shardconsole-bench-").FullName;

    /// <summary>Operating system's id.</summary>
    public int Id => process.Id;

    /// <summary>True while the process runs.</summary>
    public bool IsRunning => !process.HasExited;

    /// <summary>Starts a program, bound to one core where <paramref name="core"/> is given. Its output goes to <paramref name="line"/>, else nowhere.</summary>
    public static Peer Start(string program, IEnumerable<string> arguments, int? core = null, Action<string>? line = null)
    {
        var start = new ProcessStartInfo(core is null ? program : "taskset") { RedirectStandardOutput = true, RedirectStandardError = true };
        if (core is { } number)
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(number.ToString(CultureInfo.InvariantCulture));
            start.ArgumentList.Add(program);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
        process.OutputDataReceived += (_, e) => Forward(e.Data, line);
        process.ErrorDataReceived += (_, e) => Forward(e.Data, line);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new Peer(process);
    }

    /// <summary>The node program that was built beside the benchmarks.</summary>
    public static IEnumerable<string> Product(string project, params string[] arguments)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var dll = Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, $"ShardConsole.{project}.dll");
        return [dll, .. arguments];
    }

    /// <summary>Free ports, all different.</summary>
    public static IReadOnlyList<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToList();
        listeners.ForEach(l => l.Dispose());
        return ports;
    }

    /// <summary>Programs of the list that are not installed.</summary>
    public static IReadOnlyList<string> Missing(params string[] programs) =>
        [.. programs.Where(p => !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, p))))];

    /// <summary>Runs a program to its end and answers its output; throws where it fails, unless that is accepted.</summary>
    public static string Run(string program, IEnumerable<string> arguments, int? core = null, bool acceptFailure = false)
    {
        var text = new List<string>();
        using var peer = Start(program, arguments, core, l =>
        {
            lock (text)
            {
                text.Add(l);
            }
        });
        peer.process.WaitForExit();
        return peer.process.ExitCode == 0 || acceptFailure ? string.Join('\n', text) : throw new InvalidOperationException($"{program} ended with {peer.process.ExitCode}: {string.Join('\n', text)}");
    }

    /// <summary>CPU time of the process so far, seconds.</summary>
    public double CpuSeconds()
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>Kills the process without asking.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }

    private static void Forward(string? text, Action<string>? line)
    {
        if (!string.IsNullOrEmpty(text))
        {
            line?.Invoke(text);
        }
    }
}
