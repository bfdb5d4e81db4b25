using System.IO.Pipelines;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>
/// The way of replies to a client: gathered in a buffer, sent by <see cref="FlushAsync"/>, which does not complete before the client has taken enough.
/// Used by one at a time: the connection while no write is under way, else whoever drains the ring.
/// </summary>
internal sealed class ReplyOutput(PipeWriter writer, ClientSession session, int maxBytes) : IDisposable
{
    /// <summary>Replies that have not been handed over.</summary>
    public ReplyBuffer Buffer { get; } = new(maxBytes);

    /// <summary>Whether the client takes nothing more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Bytes handed over since the connection began.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Hands over what is gathered. Never throws: a client that went away is <see cref="IsClosed"/>.</summary>
    public ValueTask FlushAsync()
    {
        if (IsClosed || Buffer.Length == 0)
        {
            Buffer.Clear();
            return ValueTask.CompletedTask;
        }

        SentBytes += Buffer.Length;
        ValueTask<FlushResult> flush;
        try
        {
            flush = writer.WriteAsync(Buffer.WrittenMemory);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            IsClosed = true;
            Buffer.Clear();
            return ValueTask.CompletedTask;
        }

        // The pipe has copied the bytes when it returns, whether or not the client has taken them.
        var length = Buffer.Length;
        Buffer.Clear();
        if (!flush.IsCompletedSuccessfully)
        {
            session.OutputBytes = length;
            return AwaitAsync(flush);
        }

        Note(flush.Result);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => Buffer.Dispose();

    private async ValueTask AwaitAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            Note(await flush);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            IsClosed = true;
        }

        session.OutputBytes = 0;
    }

    private void Note(FlushResult result) => IsClosed |= result.IsCompleted || result.IsCanceled;
}
