using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ShardConsole.ControlPlane.Data;

namespace ShardConsole.ControlPlane.Security.Core;

/// <summary>
/// The chain over the audit trail: each row's hash covers the hash of the row before, so that no row can be changed, left out or put in between without every later hash
/// being wrong. Who can rewrite the whole table can rewrite the chain: keep an exported head elsewhere to notice that.
/// </summary>
internal static class AuditChain
{
    /// <summary>The hash before the first row.</summary>
    public const string Root = "";

    /// <summary>SHA-256 of the row's fields, each with its length in front, after the previous hash. Persisted: never change the order.</summary>
    public static string HashOf(AuditRow row, string before)
    {
        var text = new StringBuilder();
        foreach (var field in new[]
        {
            before, row.Id.ToString(CultureInfo.InvariantCulture), row.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), row.By, row.Action, row.Subject, row.Detail,
            row.Plan,
        })
        {
            text.Append(CultureInfo.InvariantCulture, $"{field.Length}:{field}|");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Checks one row that follows <paramref name="last"/> with <paramref name="before"/>; null when it is intact, else what is wrong.</summary>
    /// <param name="chained">Whether a row with a hash came before: from then on every row has one.</param>
    public static string? Problem(AuditRow row, long last, string before, bool chained) =>
        row.Id != last + 1 ? $"row {last + 1} is missing"
        : row.Hash.Length == 0 && !chained ? null
        : row.Hash != HashOf(row, before) ? $"row {row.Id} was changed, or a row before it was"
        : null;
}
