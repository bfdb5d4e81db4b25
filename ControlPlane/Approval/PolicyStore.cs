using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>Policies that approve plans by themselves. There is one to begin with, and it is off.</summary>
internal sealed class PolicyStore(IDbContextFactory<ControlPlaneDb> dbs)
{
    /// <summary>Most policies that may be kept.</summary>
    public const int MaxPolicies = 50;

    private static readonly AutoApplyPolicy First = new("small moves", false, 5, 1_000_000_000, 0.8, 5);

    /// <summary>All policies, by name.</summary>
    public async Task<IReadOnlyList<AutoApplyPolicy>> ListAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var rows = await db.Policies.AsNoTracking().OrderBy(p => p.Name).ToListAsync(cancellation);
        return rows.Count == 0 ? [First] : rows.ConvertAll(p => new AutoApplyPolicy(p.Name, p.Enabled, p.MaxMoves, p.MaxBytes, p.MinConfidence, p.MinGainMinutes));
    }

    /// <summary>Adds or replaces a policy; the outcome says what cannot be used.</summary>
    public async Task<Outcome> SaveAsync(AutoApplyPolicy policy, CancellationToken cancellation)
    {
        if (Problem(policy) is { } problem)
        {
            return new Outcome("invalid", problem);
        }

        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var row = await db.Policies.FirstOrDefaultAsync(p => p.Name == policy.Name, cancellation);
        if (row is null)
        {
            if (await db.Policies.CountAsync(cancellation) >= MaxPolicies)
            {
                return new Outcome("limit", $"There are {MaxPolicies} policies already; change one of them.");
            }

            db.Policies.Add(row = new PolicyRow { Name = policy.Name });
        }

        (row.Enabled, row.MaxMoves, row.MaxBytes, row.MinConfidence, row.MinGainMinutes) =
            (policy.Enabled, policy.MaxMoves, policy.MaxBytes, policy.MinConfidence, policy.MinGainMinutes);
        await db.SaveChangesAsync(cancellation);
        return new Outcome(null, $"Saved policy \"{policy.Name}\".", policy.Name);
    }

    private static string? Problem(AutoApplyPolicy policy) =>
        string.IsNullOrWhiteSpace(policy.Name) || policy.Name.Length > 64 ? "name: 1 to 64 characters."
        : policy.MaxMoves is < 0 or > 1024 ? $"maxMoves: {policy.MaxMoves} is outside 0..1024."
        : policy.MaxBytes < 0 ? $"maxBytes: {policy.MaxBytes} is negative."
        : policy.MinConfidence is not (>= 0 and <= 1) ? $"minConfidence: {policy.MinConfidence} is outside 0..1."
        : policy.MinGainMinutes is not >= 0 ? $"minGainMinutes: {policy.MinGainMinutes} is negative."
        : null;
}
