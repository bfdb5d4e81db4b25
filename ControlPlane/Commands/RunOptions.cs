using System.CommandLine;
using System.Globalization;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>The flags of the default command. Each overrides one value of the configuration, so that flags, environment and appsettings say the same.</summary>
internal sealed class RunOptions
{
    private readonly List<(Option Option, string Key, Func<ParseResult, string?> Value)> flags = [];

    /// <summary>Adds all flags to a command.</summary>
    public RunOptions(Command command)
    {
        Add<string>(command, "--data", "ControlPlane:Data", "Folder of everything that is kept. Default: data");
        Add<int>(command, "--port", "ControlPlane:Port", "Port of the console; 0 takes a free one. Default: 5080");
        Add<string>(command, "--bind", "ControlPlane:Bind", "Address to listen at. Default: 127.0.0.1");
        Add<string>(command, "--urls", "ControlPlane:Urls", "Whole addresses to listen at, instead of --bind and --port");
        Add<string>(command, "--tls-certificate", "ControlPlane:TlsCertificate", "PEM file with the console's certificate, and those behind it; the console is served over https then");
        Add<string>(command, "--tls-key", "ControlPlane:TlsKey", "PEM file with the certificate's key, not encrypted");
        Add<string>(command, "--name", "ControlPlane:Name", "Name of the cluster for people. Default: local");
        Add<string>(command, "--clock", "ControlPlane:Clock", "Model seconds per real second, 60 or 60x. Default: 1, or 144 with --demo");
        Add<bool>(command, "--demo", "ControlPlane:Demo", "Generated load on a generated history of 14 model days");
        Add<string>(command, "--fleet", "Fleet:Kind", "agents, or simulated for a game day: nodes on paper, generated load, nothing is touched. Default: agents");
        Add<int>(command, "--nodes", "Simulated:Nodes", "Nodes of a simulated fleet, 1..1000. Default: 100");
        Add<int>(command, "--segments", "Simulated:Segments", "Segments of a simulated fleet, a power of two from 64 to 16384. Default: 1024");
        Add<int>(command, "--local-nodes", "LocalCluster:Nodes", "Node processes that are started; 0 for a cluster that runs elsewhere. Default: 3");
        Add<int>(command, "--base-port", "LocalCluster:BasePort", "First port of the local nodes; 0 takes free ones. Default: 7000");
        Add<int>(command, "--replication-factor", "LocalCluster:ReplicationFactor", "Replicas of each shard when the local cluster is founded. Default: 3, or the number of nodes");
        Add<int>(command, "--shards-per-node", "LocalCluster:ShardsPerNode", "Shards per node when the local cluster is founded. Default: 4");
        Add<int>(command, "--node-cpu", "LocalCluster:NodeCpuMillicores", "Capacity of each local node, thousandths of a core. Default: 500");
        Add<string>(command, "--seed-admin", "Fleet:SeedAdmin", "Admin addresses host:port of nodes that run elsewhere, separated by commas");
        Add<string>(command, "--node-ca", "Fleet:NodeCa", "PEM file with the certificates that sign those of the nodes; their admin ports are called over TLS then (nodes with --tls-ca)");
        Add<string>(command, "--cluster-key-file", "Fleet:ClusterKeyFile", "File with the cluster key. Default: cluster.key in the data folder");
        Add<double>(command, "--forecast-minutes", "Jobs:ForecastMinutes", "Model minutes between two forecasts. Default: 5");
        Add<double>(command, "--threshold", "Scoring:ThresholdMillicores", "Sharding threshold, mcore");
        Add<double>(command, "--quantile", "Scoring:Quantile", "Quantile of predicted load that is planned for, 0.5..0.99. Default: 0.9");
        Add<double>(command, "--horizon-hours", "Scoring:HorizonHours", "How far ahead is planned, 1..48 h. Default: 24");
        Add<double>(command, "--comfort-zone", "Scoring:ComfortZone", "Utilisation inside which a node is at ease, 0.05..1. Default: 0.7");
    }

    /// <summary>The values that were given, by configuration key.</summary>
    public Dictionary<string, string?> Given(ParseResult parsed) =>
        flags.Where(f => parsed.GetResult(f.Option) is { Implicit: false }).ToDictionary(f => f.Key, f => f.Key == "ControlPlane:Clock" ? f.Value(parsed)?.TrimEnd('x') : f.Value(parsed));

    private void Add<T>(Command command, string name, string key, string description)
    {
        var option = new Option<T>(name) { Description = description };
        command.Options.Add(option);
        flags.Add((option, key, parsed => Convert.ToString(parsed.GetValue(option), CultureInfo.InvariantCulture)));
    }
}
