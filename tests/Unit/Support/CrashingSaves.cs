using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ShardConsole.Unit.Support;

/// <summary>The program is killed: it ends at a chosen write of the database, right before it or right after it.</summary>
internal sealed class CrashException : Exception;

/// <summary>Ends the program at the write of a number, counted from the last <see cref="Arm"/>.</summary>
internal sealed class CrashingSaves : SaveChangesInterceptor
{
    private int left = -1;
    private bool after;

    /// <summary>Whether the chosen write has come.</summary>
    public bool Crashed { get; private set; }

    /// <summary>Chooses a write: 1 is the next one.</summary>
    public void Arm(int write, bool afterIt) => (left, after, Crashed) = (write, afterIt, false);

    /// <summary>Lets all writes pass.</summary>
    public void Disarm() => left = -1;

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (!after && Hit())
        {
            throw new CrashException();
        }

        return ValueTask.FromResult(result);
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (after && Hit())
        {
            throw new CrashException();
        }

        return ValueTask.FromResult(result);
    }

    private bool Hit()
    {
        Crashed |= left > 0 && --left == 0;
        return Crashed && left == 0 && (left = -1) < 0;
    }
}
