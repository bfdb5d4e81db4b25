using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>All commands by name. Immutable; finding one allocates nothing.</summary>
internal sealed class CommandTable
{
    private const int LongestName = 32;

    private readonly (ulong Head, CommandSpec? Spec)[] buckets;
    private readonly int mask;

    public CommandTable(IEnumerable<ICommandFamily> families)
    {
        All = [.. families.SelectMany(f => f.Commands).OrderBy(c => c.Name, StringComparer.Ordinal)];
        var size = 64;
        while (size < All.Count * 4)
        {
            size *= 2;
        }

        buckets = new (ulong, CommandSpec?)[size];
        mask = size - 1;
        foreach (var spec in All)
        {
            Insert(spec);
        }
    }

    /// <summary>The table of every family in this assembly.</summary>
    public static CommandTable Default { get; } = new(typeof(CommandTable).Assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(ICommandFamily)))
        .Select(t => (ICommandFamily)Activator.CreateInstance(t)!));

    /// <summary>All commands, by name.</summary>
    public IReadOnlyList<CommandSpec> All { get; }

    /// <summary>The command of that name, in any case; null where there is none.</summary>
    public CommandSpec? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > LongestName)
        {
            return null;
        }

        var head = HeadOf(name);
        for (var at = HashOf(head, name.Length) & mask; buckets[at].Spec is { } spec; at = (at + 1) & mask)
        {
            if (buckets[at].Head == head && spec.Name.Length == name.Length
                && (name.Length <= 8 || System.Text.Ascii.EqualsIgnoreCase(name, spec.Name)))
            {
                return spec;
            }
        }

        return null;
    }

    /// <summary>The row that a call is judged by: the command's, or its subcommand's. Null where there is none.</summary>
    public CommandSpec? Find(CommandArgs args)
    {
        var spec = Find(args[0]);
        return spec is { Subcommands.Count: > 0 } && args.Count > 1 ? spec.Subcommand(args[1]) ?? spec : spec;
    }

    private void Insert(CommandSpec spec)
    {
        var name = System.Text.Encoding.ASCII.GetBytes(spec.Name);
        var head = HeadOf(name);
        var at = HashOf(head, name.Length) & mask;
        while (buckets[at].Spec is { } other)
        {
            if (other.Name == spec.Name)
            {
                throw new InvalidOperationException($"The command {spec.Name} is in the table twice.");
            }

            at = (at + 1) & mask;
        }

        buckets[at] = (head, spec);
    }

    /// <summary>The first eight bytes, without case: names of letters compare by it alone.</summary>
    private static ulong HeadOf(ReadOnlySpan<byte> name)
    {
        ulong head = 0;
        var length = Math.Min(8, name.Length);
        for (var i = 0; i < length; i++)
        {
            var c = name[i];
            head = (head << 8) | (c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c);
        }

        return head;
    }

    private static int HashOf(ulong head, int length) => (int)(((head ^ (ulong)length) * 0x9E3779B97F4A7C15UL) >> 40);
}
