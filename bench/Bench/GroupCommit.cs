using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Bench;

/// <summary>
/// What one commit of the node's store costs, by the number of entries that share it, beside writing the same entries to the end of a file and fdatasync. Both take turns on
/// the same disk, so that its moods fall on both. Options: folder (default: a temporary one), seconds per row (default 2).
/// </summary>
internal static partial class GroupCommit
{
    private const int Groups = 12;
    private const int EntryBytes = 150;
    private const int CheckpointAtBytes = 64 << 20;

    public static Task<int> RunAsync(string[] options)
    {
        var folder = options.Length > 0 ? options[0] : Directory.CreateTempSubdirectory("group-commit-").FullName;
        var seconds = options.Length > 1 ? int.Parse(options[1], CultureInfo.InvariantCulture) : 2;
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("group-commit needs Linux (fdatasync).");
            return Task.FromResult(2);
        }

        Console.WriteLine($"Group commit in {folder}: entries of {EntryBytes} bytes spread over {Groups} groups, hard states included.");
        Console.WriteLine("entries/commit   sqlite p50 ms    p99 ms   entries/s | fdatasync p50 ms    p99 ms   entries/s | ratio p50   CPU us/commit");
        var ratios = new List<string>();
        foreach (var entries in new[] { 1, 12, 50, 200, 800 })
        {
            var (sqlite, plain, cpuUs) = Measure(folder, entries, TimeSpan.FromSeconds(seconds));
            var ratio = Percentile(sqlite, 0.5) / Percentile(plain, 0.5);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{entries,14} {Percentile(sqlite, 0.5),15:0.000} {Percentile(sqlite, 0.99),9:0.000} {Rate(sqlite, entries),11:0} | {Percentile(plain, 0.5),16:0.000} {Percentile(plain, 0.99),9:0.000} {Rate(plain, entries),11:0} | {ratio,9:0.00} {cpuUs,15:0}"));
            ratios.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"p50_ms_{entries}={Percentile(sqlite, 0.5):0.000} fdatasync_p50_ms_{entries}={Percentile(plain, 0.5):0.000} entries_per_s_{entries}={Rate(sqlite, entries):0}"));
        }

        Console.WriteLine($"RESULT group-commit {string.Join(' ', ratios)}");
        if (options.Length == 0)
        {
            Directory.Delete(folder, recursive: true);
        }

        return Task.FromResult(0);
    }

    private static (List<double> Sqlite, List<double> Plain, double CpuUs) Measure(string folder, int entries, TimeSpan time)
    {
        var clock = TimeProvider.System;
        var opening = NodeStore.Open(new StoreOptions { Folder = Path.Combine(folder, $"store-{entries}") }, () => 1);
        using var store = opening.Store ?? throw new InvalidOperationException(opening.Message);
        using var file = File.OpenHandle(Path.Combine(folder, $"plain-{entries}"), FileMode.Create, FileAccess.Write);
        var (sqlite, plain) = (new List<double>(), new List<double>());
        var load = new Load(entries);
        var end = clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);
        var (offset, cpu) = (0L, TimeSpan.Zero);
        while (clock.GetTimestamp() < end)
        {
            for (var i = 0; i < 20; i++)
            {
                load.Next();
                var cpuBefore = Environment.CpuUsage.TotalTime;
                var start = clock.GetTimestamp();
                var result = store.Commit(load.Batch);
                sqlite.Add(clock.GetElapsedTime(start).TotalMilliseconds);
                cpu += Environment.CpuUsage.TotalTime - cpuBefore;
                if (!result.Succeeded)
                {
                    throw new InvalidOperationException(result.Message);
                }
            }

            for (var i = 0; i < 20; i++)
            {
                var start = clock.GetTimestamp();
                RandomAccess.Write(file, load.Bytes, offset);
                Sync(file);
                plain.Add(clock.GetElapsedTime(start).TotalMilliseconds);
                offset += load.Bytes.Length;
            }

            if (store.WalBytes > CheckpointAtBytes)
            {
                store.CheckpointWal();
            }
        }

        return (sqlite, plain, cpu.TotalMicroseconds / sqlite.Count);
    }

    private static void Sync(SafeFileHandle file)
    {
        if (DataSync(file) != 0)
        {
            throw new IOException($"fdatasync failed with error {Marshal.GetLastPInvokeError()}");
        }
    }

    private static double Percentile(List<double> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted[(int)((sorted.Count - 1) * share)];
    }

    private static double Rate(List<double> times, int entries) => entries * times.Count / (times.Sum() / 1000);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(SafeFileHandle file);

    /// <summary>The batches of a run: entries go to the groups in turn.</summary>
    private sealed class Load(int entries)
    {
        private readonly byte[] data = new byte[EntryBytes];
        private readonly ulong[] last = new ulong[Groups];

        public StoreBatch Batch { get; } = new();

        public byte[] Bytes { get; } = new byte[entries * EntryBytes];

        public void Next()
        {
            Batch.Clear();
            for (var g = 0; g < Math.Min(Groups, entries); g++)
            {
                var group = new GroupId((ushort)g);
                var count = (entries / Groups) + (g < entries % Groups ? 1 : 0);
                var appended = new Entry[count];
                for (var i = 0; i < count; i++)
                {
                    appended[i] = new Entry(1, ++last[g], EntryKind.Normal, data);
                }

                Batch.SetHardState(group, new HardState(1, 1, last[g] - (ulong)count));
                Batch.Append(group, appended);
            }
        }
    }
}
