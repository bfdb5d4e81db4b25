using System.Net;
using System.Net.Sockets;

namespace ShardConsole.NodeAgent.Options;

/// <summary>Finds ports that are taken before anything is started, so that all of them are named at once. What is taken later is found when it is bound.</summary>
internal static class PortCheck
{
    /// <summary>One line for each port that cannot be bound.</summary>
    public static IReadOnlyList<string> Problems(NodeOptions options)
    {
        (string Flag, int Port, bool IsUdp)[] ports =
        [
            ("--client-port", options.ClientPort, false),
            ("--peer-port", options.PeerPort, false),
            ("--gossip-port", options.GossipPort, false),
            ("--gossip-port", options.GossipPort, true),
            ("--admin-port", options.AdminPort, false),
        ];
        return [.. ports.Select(p => Problem(p.Flag, new IPEndPoint(options.BindAddress, p.Port), p.IsUdp)).OfType<string>().Distinct()];
    }

    private static string? Problem(string flag, IPEndPoint at, bool isUdp)
    {
        try
        {
            using var socket = isUdp
                ? new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
                : new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(at);
            if (!isUdp)
            {
                socket.Listen(1);
            }

            return null;
        }
        catch (SocketException e)
        {
            return StartupException.PortTaken(flag, at, e.Message).Message;
        }
    }
}
