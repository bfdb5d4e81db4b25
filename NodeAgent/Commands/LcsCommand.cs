using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>LCS: the longest common subsequence of two strings. Both are copied under the segment's lock and compared after it was given back.</summary>
internal sealed class LcsCommand : ICommandFamily
{
    /// <summary>Largest table of the comparison, bytes.</summary>
    private const long MaxTableBytes = 64L * 1024 * 1024;

    /// <inheritdoc/>
    public IEnumerable<CommandSpec> Commands =>
    [
        new()
        {
            Name = "lcs", Arity = -3, Since = "7.0.0", Summary = "Finds the longest common substring.", Group = "string", Complexity = "O(N*M)",
            Flags = CommandFlags.ReadOnly | CommandFlags.Slow, FirstKey = 1, LastKey = 2, KeyStep = 1, Read = Take, Finish = Compare,
        },
    ];

    private sealed record Operands(byte[] Left, byte[] Right, bool Length, bool Indexes, bool MatchLength, long MinimumMatch);

    private readonly record struct Match(int LeftStart, int LeftEnd, int RightStart, int RightEnd);

    private static void Take(ReadContext context, CommandArgs args, RespWriter reply)
    {
        if (!TryGet(context, args[1], out var left) || !TryGet(context, args[2], out var right))
        {
            reply.Error("ERR The specified keys must contain string values");
            return;
        }

        var (length, indexes, matchLength, minimum) = (false, false, false, 0L);
        for (var i = 3; i < args.Count; i++)
        {
            if (args.Is(i, "IDX"u8))
            {
                indexes = true;
            }
            else if (args.Is(i, "LEN"u8))
            {
                length = true;
            }
            else if (args.Is(i, "WITHMATCHLEN"u8))
            {
                matchLength = true;
            }
            else if (args.Is(i, "MINMATCHLEN"u8) && i + 1 < args.Count)
            {
                if (!RespNumber.TryParseInteger(args[++i], out minimum))
                {
                    reply.Error(Errors.NotInteger);
                    return;
                }
            }
            else
            {
                reply.Error(Errors.Syntax);
                return;
            }
        }

        if (length && indexes)
        {
            reply.Error("ERR If you want both the length and indexes, please just use IDX.");
            return;
        }

        if ((left.Length + 1L) * (right.Length + 1L) * sizeof(int) > MaxTableBytes)
        {
            reply.Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
            return;
        }

        context.Carried = new Operands(left, right, length, indexes, matchLength, Math.Max(0, minimum));
    }

    private static bool TryGet(ReadContext context, ReadOnlySpan<byte> key, out byte[] bytes)
    {
        bytes = [];
        if (!context.TryGet(key, out var value))
        {
            return true;
        }

        bytes = value.Bytes.ToArray();
        return value.Kind == ValueKind.String;
    }

    private static void Compare(object carried, RespWriter reply)
    {
        var operands = (Operands)carried;
        var table = Fill(operands.Left, operands.Right);
        var length = table[^1];
        if (operands.Length)
        {
            reply.Integer(length);
            return;
        }

        var common = new byte[length];
        var matches = Walk(operands, table, common);
        if (!operands.Indexes)
        {
            reply.Bulk(common);
            return;
        }

        WriteMatches(operands, matches, length, reply);
    }

    private static int[] Fill(byte[] left, byte[] right)
    {
        var width = right.Length + 1;
        var table = new int[(left.Length + 1) * width];
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var at = (i * width) + j;
                table[at] = left[i - 1] == right[j - 1] ? table[at - width - 1] + 1 : Math.Max(table[at - width], table[at - 1]);
            }
        }

        return table;
    }

    /// <summary>Walks back from the end; answers the runs of equal bytes, last first.</summary>
    private static List<Match> Walk(Operands operands, int[] table, byte[] common)
    {
        var (left, right) = (operands.Left, operands.Right);
        var width = right.Length + 1;
        var matches = new List<Match>();
        Match? run = null;
        var (i, j, at) = (left.Length, right.Length, common.Length);
        while (i > 0 && j > 0)
        {
            if (left[i - 1] == right[j - 1])
            {
                common[--at] = left[i - 1];
                i--;
                j--;
                run = run is { } open && open.LeftStart == i + 1 && open.RightStart == j + 1
                    ? open with { LeftStart = i, RightStart = j }
                    : Begin(run, i, j);
                continue;
            }

            if (table[((i - 1) * width) + j] > table[(i * width) + j - 1])
            {
                i--;
            }
            else
            {
                j--;
            }
        }

        Begin(run, 0, 0);
        return matches;

        Match? Begin(Match? closed, int leftAt, int rightAt)
        {
            if (closed is { } match && match.LeftEnd - match.LeftStart + 1 >= operands.MinimumMatch)
            {
                matches.Add(match);
            }

            return new Match(leftAt, leftAt, rightAt, rightAt);
        }
    }

    private static void WriteMatches(Operands operands, List<Match> matches, int length, RespWriter reply)
    {
        reply.Map(2);
        reply.Bulk("matches"u8);
        reply.Array(matches.Count);
        foreach (var match in matches)
        {
            reply.Array(operands.MatchLength ? 3 : 2);
            reply.Array(2);
            reply.Integer(match.LeftStart);
            reply.Integer(match.LeftEnd);
            reply.Array(2);
            reply.Integer(match.RightStart);
            reply.Integer(match.RightEnd);
            if (operands.MatchLength)
            {
                reply.Integer(match.LeftEnd - match.LeftStart + 1);
            }
        }

        reply.Bulk("len"u8);
        reply.Integer(length);
    }
}
