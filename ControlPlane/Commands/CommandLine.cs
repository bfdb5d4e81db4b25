using System.CommandLine;
using System.Runtime.InteropServices;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>The program's command line.</summary>
internal static class CommandLine
{
    /// <summary>Parses and runs. Exit code 2 with one line on the standard error for everything that is wrong with how it was started.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter error)
    {
        var root = new RootCommand("ShardConsole: a sharded key-value cluster that moves data before it gets hot. Without a command it runs the control plane.");
        var options = new RunOptions(root);
        root.SetAction((parsed, cancellation) => ControlPlaneHost.RunAsync(options.Given(parsed), cancellation));
        root.Subcommands.Add(ReplayCommand.Create());
        root.Subcommands.Add(ImportCommand.Create());
        root.Subcommands.Add(ForecastCommand.Create(error));
        root.Subcommands.Add(BacktestCommand.Create());
        var result = root.Parse(args);
        if (result.Errors.Count > 0)
        {
            await error.WriteLineAsync($"{result.Errors[0].Message} See --help.");
            return StartupException.ExitCode;
        }

        // Not the library's own handling of signals: it ends the process after two seconds, and a second signal crashes it.
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        try
        {
            return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (StartupException e)
        {
            await error.WriteLineAsync(e.Message);
            return StartupException.ExitCode;
        }
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
