using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.Security;

/// <summary>A person who may sign in, without the password.</summary>
/// <param name="Disabled">May not sign in, and keys that act for this person are refused.</param>
/// <param name="SignedInAt">When it last signed in; null before the first time.</param>
internal sealed record User(long Id, string Name, string Role, string Stamp, DateTimeOffset CreatedAt, bool Disabled = false, DateTimeOffset? SignedInAt = null);

/// <summary>People who may sign in. Passwords are kept as salted PBKDF2 hashes.</summary>
internal sealed class UserStore(IDbContextFactory<ControlPlaneDb> dbs, SecurityOptions options, TimeProvider time)
{
    private static readonly PasswordHasher<UserRow> Hasher = new();

    /// <summary>Whether anybody may sign in.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        return await db.Users.AnyAsync(cancellation);
    }

    /// <summary>All users, by name.</summary>
    public async Task<IReadOnlyList<User>> ListAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        return [.. (await db.Users.AsNoTracking().OrderBy(u => u.Name).ToListAsync(cancellation)).Select(ToUser)];
    }

    /// <summary>The user of a session, if the stamp is still in force.</summary>
    public async Task<User?> FindAsync(long id, string stamp, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var row = await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == id && u.Stamp == stamp && !u.Disabled, cancellation);
        return row is null ? null : ToUser(row);
    }

    /// <summary>What is wrong with a name or password, by field; empty when both can be used.</summary>
    public IReadOnlyDictionary<string, string[]> Problems(string? name, string? password)
    {
        var problems = new Dictionary<string, string[]>();
        if (string.IsNullOrWhiteSpace(name) || name.Length > 64)
        {
            problems["name"] = ["A name has 1 to 64 characters."];
        }

        if (password is null || password.Length < options.MinPasswordLength || password.Length > 256)
        {
            problems["password"] = [$"A password has {options.MinPasswordLength} to 256 characters."];
        }

        return problems;
    }

    /// <summary>Adds a user; null when the name is taken.</summary>
    public async Task<User?> AddAsync(string name, string password, string role, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var row = new UserRow { Name = name.Trim(), Role = role, Stamp = NewStamp(), CreatedAt = time.GetUtcNow() };
        row.PasswordHash = Hasher.HashPassword(row, password);
        if (await db.Users.AnyAsync(u => u.Name == row.Name, cancellation))
        {
            return null;
        }

        db.Users.Add(row);
        await db.SaveChangesAsync(cancellation);
        return ToUser(row);
    }

    /// <summary>Changes role, password or whether it is disabled, and ends the sessions; null without words where there is no such user, with words where it may not be.</summary>
    public Task<(User? User, string? Refusal)> ChangeAsync(long id, string? role, string? password, CancellationToken cancellation, bool? disabled = null) =>
        WithAsync(id, (role is not null && role != Roles.Administrator) || disabled == true, (_, row) =>
        {
            row.Role = role ?? row.Role;
            row.PasswordHash = password is null ? row.PasswordHash : Hasher.HashPassword(row, password);
            row.Disabled = disabled ?? row.Disabled;
            row.Stamp = NewStamp();
            return Task.CompletedTask;
        }, cancellation);

    /// <summary>Removes a user, who is answered, with the keys that act for this person; refused for the last administrator.</summary>
    public Task<(User? User, string? Refusal)> RemoveAsync(long id, CancellationToken cancellation) => WithAsync(id, true, async (db, row) =>
    {
        db.ApiKeys.RemoveRange(await db.ApiKeys.Where(k => k.Person == row.Name || (k.Person == "" && k.CreatedBy == row.Name)).ToListAsync(cancellation));
        db.Users.Remove(row);
    }, cancellation);

    /// <summary>Makes a link's code by which this person may choose a new password, once; an older one ends. Null where there is no such user.</summary>
    public async Task<(string Code, DateTimeOffset ExpiresAt, User User)?> MakeResetAsync(long id, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == id, cancellation) is not { } user)
        {
            return null;
        }

        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var until = time.GetUtcNow().AddMinutes(options.ResetLinkMinutes);
        db.PasswordResets.RemoveRange(await db.PasswordResets.Where(r => r.UserId == id).ToListAsync(cancellation));
        db.PasswordResets.Add(new PasswordResetRow { Hash = HashOf(code), UserId = id, ExpiresAt = until });
        await db.SaveChangesAsync(cancellation);
        return (code, until, ToUser(user));
    }

    /// <summary>Sets the password by a link's code, uses the code up and ends the sessions; null where the code is wrong, used or over, or the user is disabled.</summary>
    public async Task<User?> ResetAsync(string code, string password, CancellationToken cancellation)
    {
        var (hash, now) = (HashOf(code), time.GetUtcNow());
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellation);
        if (await db.PasswordResets.FirstOrDefaultAsync(r => r.Hash == hash && r.ExpiresAt > now, cancellation) is not { } reset
            || await db.Users.FirstOrDefaultAsync(u => u.Id == reset.UserId && !u.Disabled, cancellation) is not { } row)
        {
            return null;
        }

        db.PasswordResets.Remove(reset);
        row.PasswordHash = Hasher.HashPassword(row, password);
        row.Stamp = NewStamp();
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return ToUser(row);
    }

    /// <summary>The user, if the password is right; also a disabled one, so that whoever knows the password hears why. A wrong name costs the same time as a wrong password.</summary>
    public async Task<User?> VerifyAsync(string name, string password, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var row = await db.Users.FirstOrDefaultAsync(u => u.Name == name, cancellation);
        var verdict = Hasher.VerifyHashedPassword(row ?? Nobody, (row ?? Nobody).PasswordHash, password);
        if (row is null || verdict == PasswordVerificationResult.Failed)
        {
            return null;
        }

        if (verdict == PasswordVerificationResult.SuccessRehashNeeded)
        {
            row.PasswordHash = Hasher.HashPassword(row, password);
        }

        row.SignedInAt = row.Disabled ? row.SignedInAt : time.GetUtcNow();
        await db.SaveChangesAsync(cancellation);
        return ToUser(row);
    }

    private static readonly UserRow Nobody = new() { PasswordHash = Hasher.HashPassword(new UserRow(), NewStamp()) };

    // One change at a time counts the administrators and writes, so that two at once cannot remove the last two.
    private async Task<(User? User, string? Refusal)> WithAsync(long id, bool ends, Func<ControlPlaneDb, UserRow, Task> change, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellation);
        if (await db.Users.FirstOrDefaultAsync(u => u.Id == id, cancellation) is not { } row)
        {
            return (null, null);
        }

        if (ends && row is { Role: Roles.Administrator, Disabled: false } && await db.Users.CountAsync(u => u.Role == Roles.Administrator && !u.Disabled, cancellation) == 1)
        {
            return (null, $"{row.Name} is the last administrator who may sign in. Make somebody else one first.");
        }

        await change(db, row);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (ToUser(row), null);
    }

    private static string HashOf(string code) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(code)));

    private static string NewStamp() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static User ToUser(UserRow row) => new(row.Id, row.Name, row.Role, row.Stamp, row.CreatedAt, row.Disabled, row.SignedInAt);
}
