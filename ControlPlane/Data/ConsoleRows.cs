namespace ShardConsole.ControlPlane.Data;

/// <summary>An import of a historical query log.</summary>
internal sealed class ImportLogRow
{
    /// <summary>Also the source mark of its history frames.</summary>
    public long Id { get; set; }

    public string FileName { get; set; } = "";

    /// <summary>Name of the kept copy below the data folder's "imports"; empty where none is kept.</summary>
    public string StoredAs { get; set; } = "";

    /// <summary>"waiting", "running", "done", "failed", "cancelled".</summary>
    public string State { get; set; } = "waiting";

    /// <summary>ImportSettings, JSON.</summary>
    public string Settings { get; set; } = "{}";

    public long BytesRead { get; set; }

    public long BytesTotal { get; set; }

    public long Rows { get; set; }

    public long Rejected { get; set; }

    /// <summary>First rejected lines with their reasons, one a line.</summary>
    public string FirstRejected { get; set; } = "";

    public DateTimeOffset? From { get; set; }

    public DateTimeOffset? To { get; set; }

    public string? Error { get; set; }

    public string By { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>Something that was changed, by whom, and why. Append-only: the database refuses to change or delete a row.</summary>
internal sealed class AuditRow
{
    /// <summary>1, 2, 3 … without a gap.</summary>
    public long Id { get; set; }

    public DateTimeOffset At { get; set; }

    public string By { get; set; } = "";

    /// <summary>One word for programs: "plan-approved", "halt", "import" …</summary>
    public string Action { get; set; } = "";

    /// <summary>What it was done to.</summary>
    public string Subject { get; set; } = "";

    public string Detail { get; set; } = "";

    /// <summary>Hash of the plan that it belongs to; empty where it belongs to none.</summary>
    public string Plan { get; set; } = "";

    /// <summary>AuditChain's hash over this row and the hash of the one before; empty in rows of versions that did not chain.</summary>
    public string Hash { get; set; } = "";
}

/// <summary>A person who may sign in.</summary>
internal sealed class UserRow
{
    public long Id { get; set; }

    public string Name { get; set; } = "";

    public string PasswordHash { get; set; } = "";

    /// <summary>"viewer", "operator", "administrator".</summary>
    public string Role { get; set; } = "";

    /// <summary>Changes when the password, the role or whether it is disabled changes: older sessions end.</summary>
    public string Stamp { get; set; } = "";

    /// <summary>May not sign in, until an administrator says otherwise.</summary>
    public bool Disabled { get; set; }

    /// <summary>When it last signed in, real time; null before the first time.</summary>
    public DateTimeOffset? SignedInAt { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A link by which a person chooses a new password. Only its hash is kept.</summary>
internal sealed class PasswordResetRow
{
    public string Hash { get; set; } = "";

    public long UserId { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
}

/// <summary>A key by which a program signs in. Only its hash is kept.</summary>
internal sealed class ApiKeyRow
{
    public long Id { get; set; }

    public string Name { get; set; } = "";

    public string Hash { get; set; } = "";

    public string Role { get; set; } = "";

    /// <summary>What it may do within its role, separated by spaces; empty: everything that the role may.</summary>
    public string Scopes { get; set; } = "";

    /// <summary>The person for whom it acts: who made it, or for whom the key acted that made it.</summary>
    public string Person { get; set; } = "";

    public string CreatedBy { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }
}

/// <summary>A value by name, JSON.</summary>
internal sealed class SettingRow
{
    public string Name { get; set; } = "";

    public string Value { get; set; } = "";
}

/// <summary>One version of the settings.</summary>
internal sealed class SettingsRow
{
    /// <summary>1, 2, 3 …</summary>
    public long Version { get; set; }

    public DateTimeOffset At { get; set; }

    public string By { get; set; } = "";

    public string Reason { get; set; } = "";

    /// <summary>What differs from the options of the start, JSON of SettingsJson.</summary>
    public string Differences { get; set; } = "{}";

    public long? Undoes { get; set; }
}
