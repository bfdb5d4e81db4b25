using System.Globalization;
using System.Security.Cryptography;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>A cluster of real node processes on free ports in a folder of its own. Disposing kills them and removes the folder.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string folder;

    private readonly List<NodeProcess> nodes;
    private readonly string seed;

    private TestCluster(string folder, string key, List<NodeProcess> nodes, string seed)
    {
        (this.folder, this.nodes, this.seed) = (folder, nodes, seed);
        Admin = new AdminClient(key, () => Nodes.Where(n => n.IsRunning && !paused.Contains(n)));
    }

    private readonly HashSet<NodeProcess> paused = [];

    public IReadOnlyList<NodeProcess> Nodes => nodes;

    public AdminClient Admin { get; }

    /// <summary>Output of all nodes, for failures.</summary>
    public string Output => string.Join('\n', Nodes.Select(n => n.Output));

    /// <summary>Starts a cluster and waits until all of its shards are led.</summary>
    public static async Task<TestCluster> StartAsync(int count, int? replicationFactor = null, int shardsPerNode = 2, params string[] more)
    {
        var folder = Directory.CreateTempSubdirectory("shardconsole-").FullName;
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var keyFile = Path.Combine(folder, "cluster.key");
        await File.WriteAllTextAsync(keyFile, key);
        var ports = FreePorts.Take(count * 4).Chunk(4).ToList();
        var nodes = new List<NodeProcess>();
        for (var i = 0; i < count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"n{i + 1}");
            var arguments = NodeProcess.Flags(name, ports[i], Path.Combine(folder, name));
            arguments.AddRange(["--cluster-key-file", keyFile, "--shards-per-node", shardsPerNode.ToString(CultureInfo.InvariantCulture)]);
            if (i == 0)
            {
                arguments.AddRange(["--found", count.ToString(CultureInfo.InvariantCulture)]);
                if (replicationFactor is { } factor)
                {
                    arguments.AddRange(["--replication-factor", factor.ToString(CultureInfo.InvariantCulture)]);
                }
            }

            foreach (var seed in ports.Where(p => p != ports[i]).Take(i == 0 ? count : 1))
            {
                arguments.AddRange(["--seed", $"127.0.0.1:{seed[2].ToString(CultureInfo.InvariantCulture)}"]);
            }

            if (more is ["--data", var elsewhere, ..])
            {
                arguments[arguments.IndexOf("--data") + 1] = elsewhere;
            }
            else
            {
                arguments.AddRange(more);
            }

            nodes.Add(new NodeProcess(name, ports[i], Path.Combine(folder, name), arguments));
        }

        var cluster = new TestCluster(folder, key, nodes, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ports[0][2]}"));
        try
        {
            foreach (var node in nodes)
            {
                node.Start();
            }

            await cluster.WaitUntilServingAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more node, with an empty folder, the cluster's key and one seed. The caller waits for what it is to become.</summary>
    public NodeProcess Join(string name, string? folderName = null)
    {
        var ports = FreePorts.Take(4);
        var arguments = NodeProcess.Flags(name, [.. ports], Path.Combine(folder, folderName ?? name));
        arguments.AddRange(["--cluster-key-file", Path.Combine(folder, "cluster.key"), "--seed", seed]);
        var node = new NodeProcess(name, [.. ports], Path.Combine(folder, folderName ?? name), arguments);
        nodes.Add(node);
        node.Start();
        return node;
    }

    /// <summary>Ends when every running node is healthy and every shard is led by one of them.</summary>
    public Task WaitUntilServingAsync() => Eventually.TrueAsync(
        "all shards are led",
        async () =>
        {
            var led = new HashSet<ShardId>();
            var expected = 1;
            foreach (var node in Nodes.Where(n => n.IsRunning && !paused.Contains(n)))
            {
                if (!await Admin.IsHealthyAsync(node))
                {
                    return false;
                }

                led.UnionWith(await LedByAsync(node));
                expected = (await Admin.ClusterAsync(node)).Map.Shards.Length;
            }

            return expected > 0 && led.Count == expected;
        },
        () => Output);

    /// <summary>Ends when every shard is led by its preferred leader, so that nothing moves by itself any more.</summary>
    public Task WaitUntilSettledAsync() => Eventually.TrueAsync(
        "every shard is led by its preferred leader",
        async () =>
        {
            foreach (var node in Nodes)
            {
                var state = await Admin.StateAsync(node);
                var map = (await Admin.ClusterAsync(node)).Map;
                var led = await LedByAsync(node);
                if (map.Shards.Any(s => s.PreferredLeader == state.Node && !led.Contains(s.Id)))
                {
                    return false;
                }
            }

            return true;
        },
        () => Output);

    /// <summary>Shards that the node leads.</summary>
    public async Task<HashSet<ShardId>> LedByAsync(NodeProcess node) =>
        [.. (await Admin.StateAsync(node)).Status.Replicas.Where(r => r.Role == "leader").Select(r => r.Shard).Where(s => s.Value != 0)];

    /// <summary>The node that leads a shard now.</summary>
    public Task<NodeProcess> LeaderOfAsync(ShardId shard) => Eventually.ValueAsync($"{shard} is led", async () =>
    {
        foreach (var node in Nodes.Where(n => n.IsRunning && !paused.Contains(n)))
        {
            if ((await LedByAsync(node)).Contains(shard))
            {
                return node;
            }
        }

        return null;
    });

    /// <summary>The node that leads the meta group now.</summary>
    public Task<NodeProcess> MetaLeaderAsync() => Eventually.ValueAsync("the meta group is led", async () =>
    {
        foreach (var node in Nodes.Where(n => n.IsRunning && !paused.Contains(n)))
        {
            var state = await Admin.StateAsync(node);
            if (state.Status.MetaLeader == state.Node)
            {
                return node;
            }
        }

        return null;
    });

    /// <summary>The newest map that any running node has; the empty one while none answers.</summary>
    public async Task<ShardMap> MapAsync()
    {
        var newest = ShardMap.Empty;
        foreach (var node in Nodes.Where(n => n.IsRunning && !paused.Contains(n)))
        {
            try
            {
                var map = (await Admin.ClusterAsync(node)).Map;
                newest = map.Epoch > newest.Epoch ? map : newest;
            }
            catch (HttpRequestException)
            {
                // It is still starting.
            }
        }

        return newest;
    }

    /// <summary>Ends when every segment is held by the replicas of its owner and by nobody else, in whatever state. All nodes must run.</summary>
    public Task WaitUntilOnlyOwnersHoldAsync() => Eventually.TrueAsync(
        "only owners hold segments",
        async () =>
        {
            var map = await MapAsync();
            var expected = map.Owners.Sum(o => map.Find(o)!.Replicas.Length);
            var held = new Dictionary<string, long> { ["owned"] = 0, ["importing"] = 0, ["frozen"] = 0, ["retained"] = 0 };
            foreach (var node in Nodes)
            {
                foreach (var state in held.Keys)
                {
                    held[state] += await Admin.MetricAsync(node, $"shardconsole_segments{{state=\"{state}\"}}");
                }
            }

            return expected > 0 && held["owned"] == expected && held["importing"] + held["frozen"] + held["retained"] == 0;
        },
        () => Output);

    /// <summary>Waits until a migration is in a phase that the condition takes.</summary>
    public async Task<MigrationStatus> WaitForMigrationAsync(ulong id, string what, Func<MigrationStatus, bool> condition)
    {
        MigrationStatus? last = null;
        return await Eventually.ValueAsync(
            $"migration {id} {what}",
            async () => (last = await Admin.FindMigrationAsync(id)) is { } found && condition(found) ? found : null,
            () => $"Last seen: {last?.ToString() ?? "none"}\n{Output}");
    }

    public void Pause(NodeProcess node)
    {
        paused.Add(node);
        node.Pause();
    }

    public void Resume(NodeProcess node)
    {
        node.Resume();
        paused.Remove(node);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            node.Dispose();
        }

        Admin.Dispose();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
