using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>What a node cannot be started with: exit code 2 and one line that names it.</summary>
public sealed class StartupTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("shardconsole-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_wrong_option_is_named()
    {
        var line = await FailAsync(["--clientport"]);
        Assert.Contains("--clientport", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_outside_its_range_is_named()
    {
        var line = await FailAsync([.. NodeProcess.Flags("n1", FreePorts.Take(4), Path.Combine(folder, "n1")), "--segments", "100"]);
        Assert.Contains("--segments 100", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var ports = FreePorts.Take(4);
        ports[3] = ((IPEndPoint)taken.LocalEndpoint).Port;
        var line = await FailAsync(NodeProcess.Flags("n1", ports, Path.Combine(folder, "n1")));
        Assert.Contains($"--admin-port {ports[3]}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_named()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var line = await FailAsync(NodeProcess.Flags("n1", FreePorts.Take(4), cluster.Nodes[0].Folder));
        Assert.Contains(cluster.Nodes[0].Folder, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_another_version_wrote_is_named()
    {
        var data = Path.Combine(folder, "n1");
        Directory.CreateDirectory(data);
        await File.WriteAllTextAsync(Path.Combine(data, "node.db"), new string('x', 8192));
        var line = await FailAsync(NodeProcess.Flags("n1", FreePorts.Take(4), data));
        Assert.Contains(data, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_of_another_cluster_is_named()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        await cluster.Nodes[0].TerminateAsync();
        var foreignKey = Path.Combine(folder, "other.key");
        await File.WriteAllTextAsync(foreignKey, "the key of another cluster");
        var data = cluster.Nodes[0].Folder;
        var line = await FailAsync([.. NodeProcess.Flags("n1", FreePorts.Take(4), data), "--cluster-key-file", foreignKey]);
        Assert.Contains($"--data {data} belongs to another cluster", line, StringComparison.Ordinal);

        // Nothing has happened to it: with its own key it is what it was.
        cluster.Nodes[0].Start();
        await cluster.WaitUntilServingAsync();
    }

    private static async Task<string> FailAsync(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add(NodeProcess.Program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var guard = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = process.StandardOutput.ReadToEndAsync(guard.Token);
        try
        {
            var error = (await process.StandardError.ReadToEndAsync(guard.Token)).Trim();
            await process.WaitForExitAsync(guard.Token);
            Assert.True(process.ExitCode == 2, $"Exit code {process.ExitCode}: {error}\n{await output}");
            Assert.DoesNotContain('\n', error);
            return error;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
