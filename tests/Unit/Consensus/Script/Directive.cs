using System.Globalization;

namespace ShardConsole.Unit.Consensus.Script;

/// <summary>One directive in etcd's data-driven syntax: a word, arguments "a", "key=value" or "key=(v1,v2 v3)", and body lines.</summary>
internal sealed record Directive(string Name, IReadOnlyList<(string Key, string? Value)> Arguments, IReadOnlyList<string> Body)
{
    /// <summary>Arguments without a value, as ids.</summary>
    public IReadOnlyList<ulong> Ids => [.. Arguments.Where(a => a.Value is null).Select(a => Id(a.Key))];

    public static Directive Parse(string text)
    {
        var lines = text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0).ToList();
        if (lines.Count == 0)
        {
            throw new ScriptException("empty directive");
        }

        var words = Words(lines[0]);
        return new Directive(words[0], [.. words.Skip(1).Select(Argument)], lines[1..]);
    }

    public string? Find(string key) => Arguments.FirstOrDefault(a => a.Key == key && a.Value is not null).Value;

    public bool Flag(string key) => Find(key) is "true";

    public int Number(string key, int otherwise) => Find(key) is { } text ? (int)Id(text) : otherwise;

    public IReadOnlyList<ulong> Set(string key) => Find(key) is { } text ? Values(text) : [];

    public IReadOnlyList<IReadOnlyList<ulong>> Groups() => [.. Arguments.Where(a => a.Value is null && a.Key.StartsWith('(')).Select(a => Values(a.Key))];

    public ulong NodeId(int position) => Id(Word(position));

    /// <summary>The argument without a value at <paramref name="position"/>.</summary>
    public string Word(int position) =>
        Arguments.Where(a => a.Value is null).Select(a => a.Key).ElementAtOrDefault(position) ?? throw new ScriptException($"{Name}: argument {position + 1} is missing");

    public static ulong Id(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw new ScriptException($"not a number: {text}");

    public static string[] Items(string text) => text.Trim('(', ')').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);

    private static IReadOnlyList<ulong> Values(string text) => [.. Items(text).Select(Id)];

    private static (string Key, string? Value) Argument(string word)
    {
        var at = word.StartsWith('(') ? -1 : word.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? (word, null) : (word[..at], word[(at + 1)..]);
    }

    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = "";
        var depth = 0;
        foreach (var c in line)
        {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            var boundary = depth == 0 && char.IsWhiteSpace(c);
            var separate = c == '(' && depth == 1 && word.EndsWith(')');
            if ((boundary || separate) && word.Length > 0)
            {
                words.Add(word);
                word = "";
            }

            word += boundary ? "" : c;
        }

        words.Add(word);
        return [.. words.Where(w => w.Length > 0)];
    }
}
