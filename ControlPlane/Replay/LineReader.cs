using System.Text;

namespace ShardConsole.ControlPlane.Replay;

/// <summary>Reads lines of bounded length: of a longer one only the beginning is kept, one character more than the limit.</summary>
internal sealed class LineReader(TextReader text, int maxLength) : IDisposable
{
    private readonly char[] buffer = new char[1 << 15];
    private readonly StringBuilder line = new();
    private int at;
    private int end;

    /// <summary>The next line without its end (LF or CRLF); null after the last.</summary>
    public string? Read()
    {
        line.Clear();
        while (Fill())
        {
            var rest = buffer.AsSpan(at, end - at);
            var length = rest.IndexOf('\n');
            var part = length < 0 ? rest : rest[..length];
            line.Append(part[..Math.Min(part.Length, maxLength + 1 - line.Length)]);
            at += length < 0 ? rest.Length : length + 1;
            if (length >= 0)
            {
                return Take();
            }
        }

        return line.Length > 0 ? Take() : null;
    }

    /// <inheritdoc/>
    public void Dispose() => text.Dispose();

    private string Take()
    {
        if (line.Length > 0 && line[^1] == '\r')
        {
            line.Length--;
        }

        return line.ToString();
    }

    private bool Fill()
    {
        if (at < end)
        {
            return true;
        }

        at = 0;
        end = text.Read(buffer, 0, buffer.Length);
        return end > 0;
    }
}
