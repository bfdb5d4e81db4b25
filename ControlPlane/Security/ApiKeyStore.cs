using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.Security;

/// <summary>An API key without the key.</summary>
/// <param name="Scopes">Areas that it may use within its role; empty: all that the role may.</param>
/// <param name="Person">The person for whom it acts.</param>
internal sealed record ApiKey(
    long Id, string Name, string Role, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, IReadOnlyList<string> Scopes, string Person);

/// <summary>Keys by which programs sign in. Only SHA-256 of a key is kept (keys are 256 random bits, so no salt is needed).</summary>
internal sealed class ApiKeyStore(IDbContextFactory<ControlPlaneDb> dbs, TimeProvider time)
{
    /// <summary>What every key begins with, so that it can be found in the wrong places.</summary>
    public const string Prefix = "sck_";

    private const int MaxCached = 1000;
    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UseResolution = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, (ApiKey Key, DateTimeOffset Until)> cache = new();

    /// <summary>All keys, newest first.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        return [.. (await db.ApiKeys.AsNoTracking().OrderByDescending(k => k.Id).ToListAsync(cancellation)).Select(ToKey)];
    }

    /// <summary>Makes a key. The secret is answered once and never again.</summary>
    public Task<(ApiKey Key, string Secret)> CreateAsync(string name, string role, string by, TimeSpan life, CancellationToken cancellation) =>
        CreateAsync(name, role, [], by, life, cancellation);

    /// <inheritdoc cref="CreateAsync(string, string, string, TimeSpan, CancellationToken)"/>
    public async Task<(ApiKey Key, string Secret)> CreateAsync(string name, string role, IReadOnlyList<string> scopes, Actor by, TimeSpan life, CancellationToken cancellation)
    {
        var secret = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        var row = new ApiKeyRow { Name = name, Hash = Hash(secret), Role = role, Scopes = string.Join(' ', scopes), Person = by.Person, CreatedBy = by.Name, CreatedAt = now, ExpiresAt = now + life };
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        db.ApiKeys.Add(row);
        await db.SaveChangesAsync(cancellation);
        return (ToKey(row), secret);
    }

    /// <summary>Revokes a key at once; false when there is none of this id.</summary>
    public async Task<bool> RevokeAsync(long id, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var revoked = await db.ApiKeys.Where(k => k.Id == id).ExecuteDeleteAsync(cancellation) > 0;
        cache.Clear();
        return revoked;
    }

    /// <summary>Looks every key up again at its next use: a person was disabled or removed.</summary>
    public void Forget() => cache.Clear();

    /// <summary>The key of a secret, if it exists, has not expired, and the person for whom it acts is not disabled.</summary>
    public async Task<ApiKey?> FindAsync(string secret, CancellationToken cancellation)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal) || secret.Length != Prefix.Length + 64)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var hash = Hash(secret);
        if (cache.TryGetValue(hash, out var cached) && cached.Until > now)
        {
            return cached.Key.ExpiresAt > now ? cached.Key : null;
        }

        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var row = await db.ApiKeys.FirstOrDefaultAsync(k => k.Hash == hash, cancellation);
        if (row is null || row.ExpiresAt <= now)
        {
            return null;
        }

        var person = row.Person.Length > 0 ? row.Person : row.CreatedBy;
        if (await db.Users.AnyAsync(u => u.Name == person && u.Disabled, cancellation))
        {
            return null;
        }

        if (row.LastUsedAt is null || now - row.LastUsedAt > UseResolution)
        {
            row.LastUsedAt = now;
            await db.SaveChangesAsync(cancellation);
        }

        if (cache.Count >= MaxCached)
        {
            cache.Clear();
        }

        cache[hash] = (ToKey(row), now + CacheTime);
        return ToKey(row);
    }

    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static ApiKey ToKey(ApiKeyRow row) => new(row.Id, row.Name, row.Role, row.CreatedBy, row.CreatedAt, row.ExpiresAt, row.LastUsedAt,
        row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), row.Person.Length > 0 ? row.Person : row.CreatedBy);
}
