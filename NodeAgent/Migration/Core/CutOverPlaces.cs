using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Which segments M's leader lets be closed, and since when: as many at once as <see cref="CutOverPace"/> allows. Remembered for one term; no safety rests on it.</summary>
internal sealed class CutOverPlaces(MigrationOptions options)
{
    private const long LookMicros = 1_000_000;

    private readonly CutOverPace pace = new(options.MaxCutOvers, options.CutOverAimMs * 1000L);
    private readonly Dictionary<ulong, long> taken = [];
    private long clientsP99Micros;
    private long lookedAt;

    /// <summary>Segments that are closed or about to be.</summary>
    public int Taken => taken.Count;

    /// <summary>True where this segment has a place, or gets one now. Asked in the order of the ids: who waits longest is first.</summary>
    public bool MayClose(ulong migration, long nowMicros)
    {
        if (taken.ContainsKey(migration))
        {
            return true;
        }

        return taken.Count < pace.AtOnce && taken.TryAdd(migration, nowMicros);
    }

    /// <summary>A record is cutting over, whoever allowed it.</summary>
    public void NoteClosing(ulong migration, long nowMicros) => taken.TryAdd(migration, nowMicros);

    /// <summary>A record has changed: one whose target serves, or that was taken back, frees its place.</summary>
    public void NoteChanged(MetaState state, ulong migration, long nowMicros)
    {
        if (!taken.TryGetValue(migration, out var since))
        {
            return;
        }

        if (!state.Migrations.TryGetValue(migration, out var record) || record.IsOver)
        {
            taken.Remove(migration);
        }
        else if (record.ActivatedUnixMs != 0)
        {
            taken.Remove(migration);
            pace.OnServed(nowMicros - since);
        }
    }

    /// <summary>How long clients wait at a node that copies, microseconds.</summary>
    public void NoteClients(int p99Micros) => clientsP99Micros = Math.Max(clientsP99Micros, p99Micros);

    /// <summary>Time has passed: clients that wait longer than the guard allows (0: off) make the places fewer, and what was allowed and did not begin gives its place back.</summary>
    public void Tick(MetaState state, long nowMicros)
    {
        if (nowMicros - lookedAt >= LookMicros)
        {
            if (state.Limits.ClientP99GuardMicros is > 0 and var guard && clientsP99Micros > guard)
            {
                pace.OnClientsWait();
            }

            (lookedAt, clientsP99Micros) = (nowMicros, 0);
        }

        // It was paused, or fell behind, between its permission and M's entry.
        foreach (var (id, since) in taken.Where(t => nowMicros - t.Value >= options.RepeatMs * 1000L).ToList())
        {
            if (!state.Migrations.TryGetValue(id, out var record) || !IsClosed(record))
            {
                taken.Remove(id);
            }
        }
    }

    private static bool IsClosed(MigrationRecord record) =>
        record.Phase == MigrationPhase.CuttingOver || (record.Phase == MigrationPhase.Retaining && record.ActivatedUnixMs == 0);
}
