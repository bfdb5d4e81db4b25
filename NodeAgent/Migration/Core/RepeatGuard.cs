namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Lets the same step through again only after a while, so that what is decided anew at each look is not proposed at each look.</summary>
internal sealed class RepeatGuard(long repeatMicros)
{
    private readonly Dictionary<(int Step, ulong Migration), long> taken = [];

    /// <summary>True at most once per period for a step of a migration.</summary>
    public bool MayTake(int step, ulong migration, long nowMicros)
    {
        if (taken.TryGetValue((step, migration), out var at) && nowMicros - at < repeatMicros)
        {
            return false;
        }

        taken[(step, migration)] = nowMicros;
        return true;
    }

    /// <summary>The step showed its result: it may be taken at once.</summary>
    public void Clear(int step, ulong migration) => taken.Remove((step, migration));

    /// <summary>Forgets the migrations that are not known any more.</summary>
    public void Keep(Func<ulong, bool> known)
    {
        foreach (var key in taken.Keys.Where(k => !known(k.Migration)).ToList())
        {
            taken.Remove(key);
        }
    }
}
