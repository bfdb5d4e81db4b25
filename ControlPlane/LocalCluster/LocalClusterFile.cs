using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShardConsole.ControlPlane.LocalCluster;

/// <summary>What is kept of a local cluster beside its nodes' data: "local-cluster.json", persisted, append-only fields.</summary>
/// <param name="Format">1.</param>
/// <param name="Nodes">The nodes with their ports.</param>
/// <param name="ControlPlane">Address to which the running nodes report.</param>
internal sealed record LocalClusterFile(int Format, IReadOnlyList<LocalNode> Nodes, string ControlPlane)
{
    private const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Nodes with which the cluster was founded.</summary>
    [JsonIgnore]
    public int Founders => Nodes.Count(n => !n.Joined);

    /// <summary>Nodes that are kept running: all that have not left.</summary>
    [JsonIgnore]
    public IReadOnlyList<LocalNode> Running => [.. Nodes.Where(n => !n.Left)];

    /// <summary>The file with one more node, on ports that are free now, or that follow from the base port.</summary>
    public (LocalClusterFile File, LocalNode Node) WithOneMore(LocalClusterOptions options, string zone)
    {
        var number = Nodes.Max(n => n.Number) + 1;
        var node = Ports(number, 1, options)[0] with { Joined = true, Zone = zone };
        return (this with { Nodes = [.. Nodes, node] }, node);
    }

    /// <summary>The file with a node that has left; the same file where there is no such node.</summary>
    public LocalClusterFile WithLeft(string name) => this with { Nodes = [.. Nodes.Select(n => n.Name == name ? n with { Left = true } : n)] };

    /// <summary>File with the key that nodes and control plane share.</summary>
    public static string KeyPath(string dataFolder) => Path.Combine(dataFolder, "cluster.key");

    /// <summary>Reads the file, or makes it and the cluster key at the first start.</summary>
    /// <exception cref="StartupException">The folder holds another number of nodes, or a newer format.</exception>
    public static LocalClusterFile LoadOrCreate(string dataFolder, LocalClusterOptions options)
    {
        var path = PathOf(dataFolder);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.Combine(dataFolder, "nodes"));
            CreateKey(dataFolder);
            var created = new LocalClusterFile(CurrentFormat, ChoosePorts(options), "");
            created.Save(dataFolder);
            return created;
        }

        var file = Read(path);
        if (file.Format != CurrentFormat)
        {
            throw new StartupException($"{path} has format {file.Format}; this version reads {CurrentFormat}. Start the version that wrote it, or name another folder with --data.");
        }

        if (file.Founders != options.Nodes)
        {
            throw new StartupException($"{dataFolder} holds a cluster that was founded with {file.Founders} local nodes, not {options.Nodes}. Start with --local-nodes {file.Founders}, or name another folder with --data.");
        }

        return file;
    }

    /// <summary>Writes the file whole: first beside it, then over it.</summary>
    public void Save(string dataFolder)
    {
        var path = PathOf(dataFolder);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(this, Json));
        File.Move(path + ".new", path, overwrite: true);
    }

    private static LocalClusterFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<LocalClusterFile>(File.ReadAllText(path), Json)
                ?? throw new StartupException($"{path} is empty. Restore it, or name another folder with --data.");
        }
        catch (JsonException e)
        {
            throw new StartupException($"{path} cannot be read ({e.Message}). Restore it, or name another folder with --data.");
        }
    }

    private static string PathOf(string dataFolder) => Path.Combine(dataFolder, "local-cluster.json");

    private static void CreateKey(string dataFolder)
    {
        var path = KeyPath(dataFolder);
        if (File.Exists(path))
        {
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
    }

    private static List<LocalNode> ChoosePorts(LocalClusterOptions options) => Ports(1, options.Nodes, options);

    private static List<LocalNode> Ports(int first, int count, LocalClusterOptions options)
    {
        if (options.BasePort != 0)
        {
            return [.. Enumerable.Range(first, count).Select(i =>
                new LocalNode(i, options.BasePort + i, options.BasePort + 100 + i, options.BasePort + 200 + i, options.BasePort + 300 + i))];
        }

        // All listeners stay open until every port is chosen, so that no port is given twice.
        var listeners = Enumerable.Range(0, count * 4).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToList();
        listeners.ForEach(l => l.Dispose());
        return [.. Enumerable.Range(0, count).Select(i => new LocalNode(first + i, ports[4 * i], ports[(4 * i) + 1], ports[(4 * i) + 2], ports[(4 * i) + 3]))];
    }
}
