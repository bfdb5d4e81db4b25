namespace ShardConsole.ControlPlane.Api.Callers;

/// <summary>
/// Remembers answers by (caller, key) for a while, so that a request that is sent again is not done again. In memory: after a restart the
/// plan's state and the cluster's own move ids still refuse what was done. Safe for concurrent use.
/// </summary>
internal sealed class IdempotencyStore(ApiOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Queue<(string Name, Entry Entry)> oldest = new();

    /// <summary>Takes the name for a request, or tells what is known of it.</summary>
    /// <param name="name">Caller, method, path and key.</param>
    /// <param name="fingerprint">What makes the request the same one: its arguments.</param>
    public Claim Begin(string name, string fingerprint)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            Forget(first => first.Until <= now);
            if (entries.TryGetValue(name, out var known))
            {
                return known.Fingerprint != fingerprint ? new Claim(ClaimKind.Different, null)
                    : known.Answer is null ? new Claim(ClaimKind.UnderWay, null)
                    : new Claim(ClaimKind.Answered, known.Answer);
            }

            Forget(_ => oldest.Count >= options.MaxIdempotencyKeys);
            var entry = new Entry(fingerprint, now.AddHours(options.IdempotencyHours));
            entries[name] = entry;
            oldest.Enqueue((name, entry));
            return new Claim(ClaimKind.First, null);
        }
    }

    /// <summary>Keeps the answer of the request that came first.</summary>
    public void Complete(string name, object answer)
    {
        lock (gate)
        {
            if (entries.TryGetValue(name, out var entry))
            {
                entry.Answer = answer;
            }
        }
    }

    /// <summary>Forgets the name: the request failed in a way that may pass, and may be tried again.</summary>
    public void GiveUp(string name)
    {
        lock (gate)
        {
            entries.Remove(name);
        }
    }

    private void Forget(Predicate<Entry> isDue)
    {
        while (oldest.TryPeek(out var first) && isDue(first.Entry))
        {
            oldest.Dequeue();
            if (entries.TryGetValue(first.Name, out var entry) && ReferenceEquals(entry, first.Entry))
            {
                entries.Remove(first.Name);
            }
        }
    }

    private sealed class Entry(string fingerprint, DateTimeOffset until)
    {
        public string Fingerprint { get; } = fingerprint;

        public DateTimeOffset Until { get; } = until;

        public object? Answer { get; set; }
    }
}

/// <summary>What is known of a name.</summary>
internal enum ClaimKind
{
    /// <summary>Nothing: the caller of this does the work, then completes it or gives it up.</summary>
    First,

    /// <summary>The same request is being done.</summary>
    UnderWay,

    /// <summary>The same request was answered.</summary>
    Answered,

    /// <summary>Another request has used the key.</summary>
    Different,
}

/// <summary>The kind, with the answer where there is one.</summary>
internal readonly record struct Claim(ClaimKind Kind, object? Answer);
