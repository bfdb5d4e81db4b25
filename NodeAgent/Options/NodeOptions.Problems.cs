using System.Net;
using System.Text;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Options;

/// <summary>What a node cannot be started with.</summary>
internal sealed partial class NodeOptions
{
    private const int MaxFound = 1024;

    /// <summary>All that is wrong with these options, one sentence each that names the flag, the value and the limit; empty when they can be used.</summary>
    public IEnumerable<string> Problems() => [.. NameProblems(), .. AddressProblems(), .. TlsProblems(), .. ClusterProblems(), .. RangeProblems()];

    private IEnumerable<string> NameProblems()
    {
        if (Name.Length is < 1 or > MemberCodec.MaxNameBytes || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
        {
            yield return $"--name \"{Name}\" is not 1..{MemberCodec.MaxNameBytes} letters, digits, '-', '_' or '.'.";
        }

        if (Encoding.UTF8.GetByteCount(Zone) > MemberCodec.MaxNameBytes || Zone.Any(char.IsControl))
        {
            yield return $"--zone is longer than {MemberCodec.MaxNameBytes} bytes or holds control characters.";
        }

        if (string.IsNullOrWhiteSpace(Data))
        {
            yield return "--data is empty; name the node's data folder.";
        }
    }

    private IEnumerable<string> AddressProblems()
    {
        IPAddress? bind = null;
        if (Bind != "localhost" && !IPAddress.TryParse(Bind, out bind))
        {
            yield return $"--bind {Bind} is not an IP address.";
        }
        else if (Announce.Length == 0 && bind is not null && (bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any)))
        {
            yield return $"--bind {Bind} is no address that others can reach; name one with --announce.";
        }

        if (Announce.Length > MemberCodec.MaxHostBytes || Uri.CheckHostName(Announce.Length == 0 ? "x" : Announce) == UriHostNameType.Unknown)
        {
            yield return $"--announce {Announce} is neither a host name nor an IP address.";
        }

        (string Flag, int Port)[] ports =
            [("--client-port", ClientPort), ("--peer-port", PeerPort), ("--gossip-port", GossipPort), ("--admin-port", AdminPort)];
        foreach (var (flag, port) in ports.Where(p => p.Port is < 1 or > 65535))
        {
            yield return $"{flag} {port} is outside 1..65535.";
        }

        foreach (var same in ports.GroupBy(p => p.Port).Where(g => g.Count() > 1))
        {
            yield return $"{string.Join(" and ", same.Select(p => p.Flag))} are both {same.Key}; each port needs a number of its own.";
        }

        foreach (var seed in Seeds.Where(s => !GossipAddress.TryParse(s, out _)))
        {
            yield return $"--seed {seed} is not host:port with a port from 1 to 65535.";
        }

        if (ControlPlane.Length > 0 && !(Uri.TryCreate(ControlPlane, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            yield return $"--control-plane {ControlPlane} is not an address like http://127.0.0.1:5080.";
        }
    }

    private IEnumerable<string> TlsProblems()
    {
        if (TlsCertificate.Length > 0 != TlsKey.Length > 0)
        {
            yield return TlsCertificate.Length > 0 ? $"--tls-certificate {TlsCertificate} needs --tls-key with the file of its key." : $"--tls-key {TlsKey} needs --tls-certificate with the file of its certificate.";
        }

        if (TlsCa.Length > 0 && TlsCertificate.Length == 0)
        {
            yield return $"--tls-ca {TlsCa} needs --tls-certificate and --tls-key: peers and the control plane are answered with them.";
        }

        if (ControlPlaneCertificate.Length > 0 && !File.Exists(ControlPlaneCertificate))
        {
            yield return $"--control-plane-certificate {ControlPlaneCertificate} does not exist.";
        }
    }

    private IEnumerable<string> ClusterProblems()
    {
        if (Found is < 0 or > MaxFound)
        {
            yield return $"--found {Found} is outside 0..{MaxFound}.";
        }

        if ((Seeds.Count > 0 || Found > 1) && ClusterKeyFile.Length == 0)
        {
            yield return "--cluster-key-file is missing; nodes that are to meet need the same key.";
        }

        if (ReplicationFactor is { } factor && (factor < 1 || (FoundWhenEnrolled > 0 && factor > FoundWhenEnrolled)))
        {
            yield return $"--replication-factor {factor} is outside 1..{Math.Max(1, FoundWhenEnrolled)}, the number of nodes that found the cluster.";
        }

        if (!Slot.IsSegmentCount(Segments))
        {
            yield return $"--segments {Segments} is not a power of two from 64 to {Slot.Count}.";
        }
    }

    private IEnumerable<string> RangeProblems()
    {
        (string Flag, long Value, long Least, long Most)[] ranges =
        [
            ("--shards-per-node", ShardsPerNode, 1, 64),
            ("--cpu-millicores", CpuMillicores, 0, 1_000_000),
            ("--memory-bytes", MemoryBytes, 0, long.MaxValue),
            ("--disk-bytes-per-second", DiskBytesPerSecond, 0, long.MaxValue),
            ("--network-bytes-per-second", NetworkBytesPerSecond, 0, long.MaxValue),
            ("--max-memory-bytes", MaxMemoryBytes, 0, long.MaxValue),
            ("--tick-ms", TickMs, 10, 1000),
            ("--election-ticks", ElectionTicks, 5, 100),
            ("--drain-ms", DrainMs, 0, 60_000),
            ("--replace-dead-seconds", ReplaceDeadSeconds, 0, 86_400),
            ("--check-seconds", CheckSeconds, 0, 604_800),
            ("--gossip-probe-ms", GossipProbeMs, 100, 10_000),
            ("--gossip-push-pull-ms", GossipPushPullMs, 1000, 600_000),
            ("--samples-per-second", SamplesPerSecond, 0, 10_000),
        ];
        return ranges.Where(r => r.Value < r.Least || r.Value > r.Most).Select(r => r.Most == long.MaxValue
            ? $"{r.Flag} {r.Value} is below {r.Least}."
            : $"{r.Flag} {r.Value} is outside {r.Least}..{r.Most}.");
    }
}
