using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ShardConsole.ControlPlane.Fleet.Members;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.LocalCluster;

/// <summary>
/// Keeps the local nodes running: starts them, takes over those that still run after this program was killed, starts one that ended
/// again, and stops all of them when the program stops.
/// </summary>
internal sealed partial class LocalClusterSupervisor(
    LocalClusterOptions options, LocalClusterFile file, string dataFolder, IServer server, IHostApplicationLifetime lifetime,
    TimeProvider realTime, ILoggerFactory loggers) : BackgroundService, INodeStarter
{
    private readonly ILogger log = loggers.CreateLogger<LocalClusterSupervisor>();
    private readonly Lock gate = new();
    private readonly Dictionary<string, CancellationTokenSource> stops = [];
    private readonly List<Task> keeping = [];
    private LocalClusterFile cluster = file;
    private CancellationToken stoppingAll = new(canceled: true);

    // Held by the node that is being replaced because this program has another address now: the others serve meanwhile.
    private readonly SemaphoreSlim replacing = new(1, 1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken);
        var controlPlane = ControlPlaneAddress();
        var moved = cluster.ControlPlane != controlPlane;
        lock (gate)
        {
            cluster = cluster with { ControlPlane = controlPlane };
            cluster.Save(dataFolder);
            stoppingAll = stoppingToken;
            foreach (var node in cluster.Running)
            {
                Keep_NeedsLock(node, moved);
            }
        }

        await WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken);
        Task[] last;
        lock (gate)
        {
            last = [.. keeping];
        }

        await Task.WhenAll(last);
        foreach (var stop in stops.Values)
        {
            stop.Dispose();
        }
    }

    /// <inheritdoc/>
    public Task<(string? Name, string? Problem)> AddNodeAsync(string zone, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (stoppingAll.IsCancellationRequested)
            {
                return Task.FromResult<(string?, string?)>((null, "The local cluster is not started yet, or is being stopped: try again."));
            }

            if (cluster.Running.Count >= LocalClusterOptions.MaxNodes)
            {
                return Task.FromResult<(string?, string?)>((null, $"The local cluster has {cluster.Running.Count} nodes, the limit is {LocalClusterOptions.MaxNodes}: let one leave first."));
            }

            (cluster, var node) = cluster.WithOneMore(options, zone);
            cluster.Save(dataFolder);
            Keep_NeedsLock(node, moved: false);
            return Task.FromResult<(string?, string?)>((node.Name, null));
        }
    }

    /// <inheritdoc/>
    public async Task<bool> RetireNodeAsync(string name, CancellationToken cancellation)
    {
        CancellationTokenSource? stop;
        lock (gate)
        {
            if (!stops.TryGetValue(name, out stop))
            {
                return false;
            }

            cluster = cluster.WithLeft(name);
            cluster.Save(dataFolder);
        }

        // Outside of the lock: what waits for it goes on here.
        await stop.CancelAsync();
        return true;
    }

    private void Keep_NeedsLock(LocalNode node, bool moved)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingAll);
        stops[node.Name] = stop;
        keeping.Add(Task.Run(() => KeepRunningAsync(node, cluster.ControlPlane, moved, stop.Token), CancellationToken.None));
    }

    private async Task KeepRunningAsync(LocalNode node, string controlPlane, bool moved, CancellationToken stopping)
    {
        var nodeLog = loggers.CreateLogger(node.Name);
        var pause = TimeSpan.FromSeconds(options.RestartSeconds);
        var patience = TimeSpan.FromSeconds(options.StopSeconds);
        var running = NodeProcess.Find(node.PidFile(dataFolder), node.Folder(dataFolder));
        var replaces = running is not null && moved;
        if (replaces)
        {
            await replacing.WaitAsync(stopping);
            await running!.StopAsync(patience);
            running.Dispose();
            running = null;
        }

        for (var failures = 0; !stopping.IsCancellationRequested; failures++)
        {
            var startedAt = realTime.GetTimestamp();
            var process = running ?? NodeProcess.Start(
                AgentPath(), node.Arguments(options, Current(), dataFolder, controlPlane), line => Forward(nodeLog, NodeLine.Of(line)));
            running = null;
            Running(log, node.Name, process.Id, process.Adopted ? "found running" : "started", node.ClientPort);
            try
            {
                if (replaces)
                {
                    replaces = false;
                    await Task.WhenAny(ServingAsync(node, stopping), process.WaitForExitAsync(stopping));
                    replacing.Release();
                }

                await process.WaitForExitAsync(stopping);
                if (process.ExitCode == StartupException.ExitCode)
                {
                    // The node's own line, just above in the log, says what is wrong; trying again would say it for ever.
                    if (node.Joined)
                    {
                        CannotJoin(log, node.Name);
                        return;
                    }

                    CannotStart(log, node.Name);
                    Environment.ExitCode = StartupException.ExitCode;
                    lifetime.StopApplication();
                    return;
                }

                Ended(log, node.Name, process.ExitCode);
            }
            catch (OperationCanceledException)
            {
                await process.StopAsync(patience);
                return;
            }
            finally
            {
                process.Dispose();
            }

            if (realTime.GetElapsedTime(startedAt) > TimeSpan.FromMinutes(1))
            {
                failures = 0;
            }

            await WaitAsync(pause * Math.Pow(2, Math.Min(failures, 4)), stopping);
        }
    }

    /// <summary>Ends when the node serves, or when it has had its time: the next one is replaced then in any case.</summary>
    private async Task ServingAsync(LocalNode node, CancellationToken stopping)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };
        var (began, limit) = (realTime.GetTimestamp(), TimeSpan.FromSeconds(options.ServingSeconds));
        while (!stopping.IsCancellationRequested && realTime.GetElapsedTime(began) < limit)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://{options.Bind}:{node.AdminPort}{AdminRoutes.Health}"), stopping);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // It is still starting.
            }

            await WaitAsync(TimeSpan.FromMilliseconds(200), stopping);
        }
    }

    private LocalClusterFile Current()
    {
        lock (gate)
        {
            return cluster;
        }
    }

    private static async Task WaitAsync(TimeSpan time, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition ends it.
        }
    }

    private string ControlPlaneAddress() =>
        server.Features.Get<IServerAddressesFeature>()!.Addresses.First()
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal);

    private string AgentPath()
    {
        if (options.AgentPath.Length > 0)
        {
            return options.AgentPath;
        }

        // Build layout: artifacts/bin/ControlPlane/<configuration>; published: the node program stands in a folder beside.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var built = Path.Combine(here.Parent!.Parent!.FullName, "NodeAgent", here.Name, "ShardConsole.NodeAgent.dll");
        var published = Path.Combine(here.FullName, "NodeAgent", "ShardConsole.NodeAgent.dll");
        return File.Exists(published) ? published : built;
    }

    private async Task StartedAsync(CancellationToken cancellation)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Node} {How}, process {Pid}, clients at port {Port}")]
    private static partial void Running(ILogger logger, string node, int pid, string how, int port);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Node} ended with exit code {ExitCode}; it is started again")]
    private static partial void Ended(ILogger logger, string node, int? exitCode);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Node} cannot start; stopping")]
    private static partial void CannotStart(ILogger logger, string node);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Node} cannot be started; the cluster goes on without it")]
    private static partial void CannotJoin(ILogger logger, string node);

    private static void Forward(ILogger logger, NodeLine line) => Said(logger, line.Level, line.Text);

    [LoggerMessage(Message = "{Text}")]
    private static partial void Said(ILogger logger, LogLevel level, string text);
}
