using System.Globalization;
using System.Text;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Bench;

/// <summary>What a segment's table costs. Options: keys (default 1000000), value bytes (default 100).</summary>
internal static class SegmentTables
{
    public static Task<int> RunAsync(string[] options)
    {
        var keys = options.Length > 0 ? int.Parse(options[0], CultureInfo.InvariantCulture) : 1_000_000;
        var valueBytes = options.Length > 1 ? int.Parse(options[1], CultureInfo.InvariantCulture) : 100;
        var clock = TimeProvider.System;
        var arena = new NativeArena();
        var table = new SegmentTable(arena);
        var value = new byte[valueBytes];
        Span<byte> key = stackalloc byte[20];
        var worst = TimeSpan.Zero;

        // Once without measuring, so that the code is compiled.
        Fill(table, clock, key, value, Math.Min(keys, 200_000), ref worst);
        table.Clear();
        worst = TimeSpan.Zero;
        var insert = Fill(table, clock, key, value, keys, ref worst);
        var bytesPerKey = (double)table.NativeBytes / keys;
        var overwriteWorst = TimeSpan.Zero;
        var overwrite = Fill(table, clock, key, value, keys, ref overwriteWorst);
        var (found, read) = ReadAll(table, clock, key, keys);
        var start = clock.GetTimestamp();
        var scanned = 0L;
        for (var bucket = 0; bucket < table.BucketCount; bucket++)
        {
            table.VisitBucket(bucket, table.BucketCount, (ReadOnlySpan<byte> k, in StoredValue v) =>
            {
                scanned += k.Length + v.Bytes.Length;
                return true;
            });
        }

        var visit = clock.GetElapsedTime(start);
        start = clock.GetTimestamp();
        var (cursor, calls) = (0UL, 0);
        do
        {
            cursor = table.Scan(cursor, 10, static (ReadOnlySpan<byte> k, in StoredValue v) => true);
            calls++;
        }
        while (cursor != 0);

        var scan = clock.GetElapsedTime(start);
        var buckets = table.BucketCount;
        start = clock.GetTimestamp();
        table.Dispose();
        var drop = clock.GetElapsedTime(start);
        var small = new SegmentTable(arena);
        Fill(small, clock, key, value, keys / 16384, ref worst);
        start = clock.GetTimestamp();
        small.Dispose();
        var dropSmall = clock.GetElapsedTime(start);

        Console.WriteLine($"One table of {keys} keys (20 bytes) with values of {valueBytes} bytes, {buckets} buckets; {found} found");
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"bytes_per_key={bytesPerKey:0.0} inserts_per_s={keys / insert.TotalSeconds:0} worst_insert_ms={worst.TotalMilliseconds:0.00} overwrites_per_s={keys / overwrite.TotalSeconds:0} worst_overwrite_ms={overwriteWorst.TotalMilliseconds:0.00} reads_per_s={keys / read.TotalSeconds:0} visit_mb_per_s={scanned / visit.TotalSeconds / 1e6:0} scan10_us={scan.TotalMicroseconds / calls:0.00} drop_us={drop.TotalMicroseconds:0} drop_one_slots_share_us={dropSmall.TotalMicroseconds:0.0}");
        foreach (var figure in figures.Split(' '))
        {
            Console.WriteLine($"  {figure.Replace("=", "  ", StringComparison.Ordinal)}");
        }

        Console.WriteLine($"RESULT segment-table {figures}");
        return Task.FromResult(arena.BytesInUse == 0 && found == keys ? 0 : 1);
    }

    private static TimeSpan Fill(SegmentTable table, TimeProvider clock, Span<byte> key, byte[] value, int keys, ref TimeSpan worst)
    {
        var begin = clock.GetTimestamp();
        var before = begin;
        for (var i = 0; i < keys; i++)
        {
            Write(key, i);
            table.Set(key, ValueKind.String, value, 0);
            var now = clock.GetTimestamp();
            var took = clock.GetElapsedTime(before, now);
            worst = took > worst ? took : worst;
            before = now;
        }

        return clock.GetElapsedTime(begin);
    }

    private static (int Found, TimeSpan Time) ReadAll(SegmentTable table, TimeProvider clock, Span<byte> key, int keys)
    {
        var start = clock.GetTimestamp();
        var found = 0;
        for (var i = 0; i < keys; i++)
        {
            Write(key, (int)(i * 2654435761L % keys));
            found += table.TryGet(key, out _) ? 1 : 0;
        }

        return (found, clock.GetElapsedTime(start));
    }

    private static void Write(Span<byte> key, int number)
    {
        Encoding.ASCII.GetBytes("key:", key);
        number.TryFormat(key[4..], out _, "0000000000000000", CultureInfo.InvariantCulture);
    }
}
