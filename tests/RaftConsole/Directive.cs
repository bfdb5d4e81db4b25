using System.Globalization;

namespace ShardConsole.RaftConsole;

/// <summary>One directive in etcd's data-driven syntax: a word, arguments "a", "key=value" or "key=(v1,v2 v3)", and body lines.</summary>
internal sealed record Directive(string Name, IReadOnlyList<(string Key, string? Value)> Arguments, IReadOnlyList<string> Body)
{
    /// <summary>Most words of a line and most lines of a directive.</summary>
    public const int MaxWords = 1000;

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
        if (words.Count == 0 || words.Count > MaxWords || lines.Count > MaxWords)
        {
            throw new ScriptException($"a directive has 1 to {MaxWords} words and as many lines at most");
        }

        return new Directive(words[0], [.. words.Skip(1).Select(Argument)], lines[1..]);
    }

    public string? Find(string key) => Arguments.FirstOrDefault(a => a.Key == key && a.Value is not null).Value;

    public bool Flag(string key) => Find(key) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw new ScriptException($"{key} is true or false, not {other}"),
    };

    public int Number(string key, int otherwise) => Find(key) is { } text ? Small(text, int.MaxValue) : otherwise;

    /// <summary>Ids of a set, each once, in the order given.</summary>
    public IReadOnlyList<ulong> Set(string key) => Find(key) is { } text ? [.. Values(text).Distinct()] : [];

    /// <summary>Refuses arguments with values that the directive does not know.</summary>
    public void Allow(params string[] keys)
    {
        var unknown = Arguments.FirstOrDefault(a => a.Value is not null && !keys.Contains(a.Key));
        if (unknown.Key is not null)
        {
            throw new ScriptException($"{Name}: unknown argument {unknown.Key}");
        }
    }

    public IReadOnlyList<IReadOnlyList<ulong>> Groups() => [.. Arguments.Where(a => a.Value is null && a.Key.StartsWith('(')).Select(a => Values(a.Key))];

    public ulong NodeId(int position) => Id(Word(position));

    /// <summary>The argument without a value at <paramref name="position"/>.</summary>
    public string Word(int position) =>
        Arguments.Where(a => a.Value is null).Select(a => a.Key).ElementAtOrDefault(position) ?? throw new ScriptException($"{Name}: argument {position + 1} is missing");

    public static ulong Id(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw new ScriptException($"not a number: {text}");

    /// <summary>A number from 0 to <paramref name="most"/>.</summary>
    public static int Small(string text, int most) =>
        Id(text) is var number && number <= (ulong)most ? (int)number : throw new ScriptException($"{text} is more than {most}");

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
            if (depth > 1 || depth < 0)
            {
                throw new ScriptException("parentheses do not match");
            }

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

        if (depth != 0)
        {
            throw new ScriptException("parentheses do not match");
        }

        words.Add(word);
        return [.. words.Where(w => w.Length > 0)];
    }
}
