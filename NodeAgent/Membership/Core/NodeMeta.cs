using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>What a node says of itself that rarely changes; travels with its incarnation.</summary>
/// <param name="Member">Identity, name, zone, capacity, addresses.</param>
/// <param name="ClusterId">The cluster it belongs to; empty while it is enrolled but not founded.</param>
internal sealed record NodeMeta(Member Member, string ClusterId)
{
    /// <summary>Where the node's gossip is reached.</summary>
    public GossipAddress Address => new(Member.Addresses.Host, Member.Addresses.GossipPort);
}

/// <summary>Where gossip goes: the UDP and the TCP port have the same number.</summary>
internal readonly record struct GossipAddress(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Reads "host:port" or "[v6]:port", port 1..65535.</summary>
    public static bool TryParse(string? text, out GossipAddress address)
    {
        address = default;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            return false;
        }

        var host = text![..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
        }
        else if (host.Contains(':', StringComparison.Ordinal))
        {
            return false;
        }

        address = new GossipAddress(host, port);
        return host.Length is > 0 and <= 253;
    }
}
