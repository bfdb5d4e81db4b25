using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>The data port: one <see cref="ClientConnection"/> per client.</summary>
internal sealed partial class ClientConnectionHandler(ClientServices services, ILogger<ClientConnectionHandler> logger) : ConnectionHandler
{
    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var session = services.Clients.TryAdd(
            connection.RemoteEndPoint?.ToString() ?? "", connection.LocalEndPoint?.ToString() ?? "", services.Clock.GetUtcNow(), services.Options.MaxClients);
        if (session is null)
        {
            services.Stats.Refused();
            await connection.Transport.Output.WriteAsync("-ERR max number of clients reached\r\n"u8.ToArray(), connection.ConnectionClosed);
            return;
        }

        services.Stats.Connected();
        try
        {
            // A server that stops asks first: then the connection ends behind the commands that are on their way.
            var asked = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
            await new ClientConnection(services, session, connection.Transport).RunAsync(connection.ConnectionClosed, asked);
        }
        catch (ReplyTooLargeException e)
        {
            Log.ReplyTooLarge(logger, session.Address, session.LastCommand, e.Message);
        }
        finally
        {
            services.Clients.Remove(session);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Closed the connection of client {Address} after {Command}: {Reason}")]
        public static partial void ReplyTooLarge(ILogger logger, string address, string command, string reason);
    }
}
