using SQLitePCL;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>A prepared statement: bind, step, read the columns; reset after use by <see cref="Run"/> or <see cref="Reset"/>.</summary>
internal sealed class StoreStatement(StoreDatabase database, sqlite3_stmt compiled) : IDisposable
{
    /// <summary>Binds a number; parameters count from 1.</summary>
    public StoreStatement Bind(int parameter, long value)
    {
        database.Check(raw.sqlite3_bind_int64(compiled, parameter, value));
        return this;
    }

    /// <summary>Binds bytes, which SQLite copies.</summary>
    public StoreStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        database.Check(raw.sqlite3_bind_blob(compiled, parameter, value));
        return this;
    }

    /// <summary>Runs a statement without rows.</summary>
    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>True when there is a row. On an error the statement is reset.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(compiled);
        if (code is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return code == raw.SQLITE_ROW;
        }

        try
        {
            database.Check(code);
        }
        finally
        {
            Reset();
        }

        return false;
    }

    /// <summary>A column of the row, from 0.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(compiled, column);

    /// <summary>A column of the row; valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(compiled, column);

    /// <summary>Makes it ready for its next use; what it held is forgotten.</summary>
    public void Reset()
    {
        _ = raw.sqlite3_reset(compiled);
        _ = raw.sqlite3_clear_bindings(compiled);
    }

    /// <inheritdoc/>
    public void Dispose() => compiled.Dispose();
}
