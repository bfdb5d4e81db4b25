using System.Text;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Storage;

/// <summary>What a table should hold, in a dictionary; follows the table as its observer where it is asked to.</summary>
internal sealed class TableModel : ITableObserver
{
    public Dictionary<string, (ValueKind Kind, string Value, long ExpiresAtMs)> Keys { get; } = [];

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static TableModel Of(SegmentTable table)
    {
        var model = new TableModel();
        table.VisitBucket(0, 1, model.Take);
        return model;
    }

    public bool Take(ReadOnlySpan<byte> key, in StoredValue value)
    {
        Keys.Add(Text(key), (value.Kind, Text(value.Bytes), value.ExpiresAtMs));
        return true;
    }

    public void OnSet(ReadOnlySpan<byte> key, in StoredValue value) => Keys[Text(key)] = (value.Kind, Text(value.Bytes), value.ExpiresAtMs);

    public void OnRemove(ReadOnlySpan<byte> key) => Keys.Remove(Text(key));

    public void OnClear() => Keys.Clear();

    /// <summary>The digest of one bucket from scratch: a table is filled with the model's keys, and another one key by key sums up.</summary>
    public BucketDigest Digest(int bucket, int bucketCount)
    {
        var sum = new BucketDigest(0, 0);
        foreach (var (key, (kind, value, expiresAtMs)) in Keys)
        {
            var bytes = Bytes(key);
            if (SegmentTable.BucketOf(bytes, bucketCount) == bucket)
            {
                var valueBytes = Bytes(value);
                sum += BucketDigest.Of(TableHash.OfItem(TableHash.OfKey(bytes), kind, TableHash.OfValue(valueBytes), valueBytes.Length, expiresAtMs));
            }
        }

        return sum;
    }
}
