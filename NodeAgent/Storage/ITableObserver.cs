namespace ShardConsole.NodeAgent.Storage;

/// <summary>Sees every physical change of a table, as it was made. Spans are valid during the call; it must not change the table.</summary>
internal interface ITableObserver
{
    void OnSet(ReadOnlySpan<byte> key, in StoredValue value);
    void OnRemove(ReadOnlySpan<byte> key);
    void OnClear();
}
