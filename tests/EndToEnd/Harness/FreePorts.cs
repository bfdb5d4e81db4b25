using System.Net;
using System.Net.Sockets;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>Ports that the operating system says are free. All are held at once, so that they differ.</summary>
internal static class FreePorts
{
    public static int[] Take(int count)
    {
        var held = new List<TcpListener>();
        try
        {
            while (held.Count < count)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                held.Add(listener);
                listener.Start();
            }

            return [.. held.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in held)
            {
                listener.Dispose();
            }
        }
    }
}
