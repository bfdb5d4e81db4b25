using System.Globalization;
using System.Text.RegularExpressions;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Simulation.Traces;

/// <summary>
/// Drives the real machines through a trace of the model, step by step. An entry that quotes a decision of M is applied late and as often as the trace wants, but only where
/// M has ever made that decision: leaders propose it for no other reason, and where a step says that one decides by itself, a real leader is left alone instead and does what it does.
/// Each step is taken or refused; the promises are checked after each.
/// </summary>
internal sealed partial class TraceDriver
{
    private readonly TraceWorld world = new();
    private readonly Dictionary<string, ulong> ids = [];
    private readonly Dictionary<ulong, HashSet<string>> facts = [];
    private readonly Dictionary<string, (SegmentState State, ulong Migration, bool Allowed)> asked = [];
    private readonly HashSet<(string Shard, ulong Id)> unacknowledged = [];
    private readonly List<(string Text, bool Taken)> log = [];
    private (string Key, string Value, bool Deposed, SegmentState State)? reading;

    /// <summary>What became of each step.</summary>
    public IReadOnlyList<(string Text, bool Taken)> Log => log;

    /// <summary>Drives it and lets all come to rest; throws where a promise is broken.</summary>
    public void Run(ModelTrace trace)
    {
        foreach (var step in trace.Steps)
        {
            log.Add((step, Take(step)));
            Learn();
            world.Check(step);
        }

        if (trace.Steps.Any(s => s.Contains("only proposed", StringComparison.Ordinal)))
        {
            // What was lost with its leader leaves its index to another write.
            _ = Write(world.Shards["A"], "k1=9", "k1");
        }

        world.ComeToRest();
    }

    private bool Take(string step) => step.StartsWith("M: ", StringComparison.Ordinal) ? TakeMeta(step[3..]) : TakeShard(step);

    private bool TakeMeta(string step)
    {
        var id = Id(step);
        return step switch
        {
            _ when Begins().Match(step) is { Success: true } m => Begin(m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value),
            _ when step.StartsWith("CutOver", StringComparison.Ordinal) => CutOver(id),
            _ when step.StartsWith("Commit", StringComparison.Ordinal) || step.StartsWith("rollback Commit", StringComparison.Ordinal) => Commit(RollbackOr(step, id)),
            _ when step.StartsWith("Abort", StringComparison.Ordinal) => Decide(new AbortMigration(0, id, "trace", "")),
            _ when step.StartsWith("rollback of", StringComparison.Ordinal) => Decide(new AbortMigration(0, RollbackOr(step, id), "trace", "")),
            _ when step.StartsWith("Pause", StringComparison.Ordinal) => Decide(new PauseMigration(0, id, true, "trace", "")),
            _ when step.StartsWith("Done", StringComparison.Ordinal) => NoteActivated(id) && Decide(new FinishMigration(0, id)),
            _ when step.StartsWith("Rollback", StringComparison.Ordinal) => RollBack(step, id),
            _ when step.StartsWith("both acknowledged", StringComparison.Ordinal) => Forget(id),
            _ => throw Unknown(step),
        };
    }

    private bool TakeShard(string step)
    {
        if (step.StartsWith("M answers ", StringComparison.Ordinal))
        {
            return Ask(step["M answers ".Length..][..1]);
        }

        var (name, id) = (ShardNamed().Match(step).Groups[1].Value, Id(step));
        var shard = name.Length > 0 ? world.Shards[name] : null;
        if (shard is null)
        {
            throw Unknown(step);
        }

        return step switch
        {
            _ when step.Contains("logs Importing", StringComparison.Ordinal) => Quote(shard, id, "begun", ShardEntryCodec.Importing(world.Segment, id, Base(id))),
            _ when step.Contains("logs Freeze", StringComparison.Ordinal) => Freeze(shard, RollbackOr(step, id)),
            _ when step.Contains("logs Unfreeze", StringComparison.Ordinal) => Quote(shard, RollbackOr(step, id), "aborted", ShardEntryCodec.Unfreeze(world.Segment, RollbackOr(step, id))),
            _ when step.Contains("logs Retained", StringComparison.Ordinal) => Quote(shard, id, "committed", ShardEntryCodec.Retained(world.Segment, id)),
            _ when step.Contains("logs Activate", StringComparison.Ordinal) => Activate(shard, RollbackOr(step, id)),
            _ when step.Contains("logs the orphan Drop", StringComparison.Ordinal) => DropAsAsked(shard, name),
            _ when step.Contains("aborted copy", StringComparison.Ordinal) => Quote(shard, id, "aborted", ShardEntryCodec.Drop(world.Segment, SegmentState.Importing, id)),
            _ when step.Contains("logs Drop", StringComparison.Ordinal) => Quote(shard, RollbackOr(step, id), "over", ShardEntryCodec.Drop(world.Segment, SegmentState.Retained, RollbackOr(step, id))),
            _ when step.Contains("logs End", StringComparison.Ordinal) => Quote(shard, id, "over", ShardEntryCodec.End(world.Segment, id)),
            _ when step.Contains("without an entry", StringComparison.Ordinal) => AcknowledgeWithoutEntry(shard, name, id),
            _ when step.Contains("by a timer", StringComparison.Ordinal) || step.Contains("gossiped map", StringComparison.Ordinal) => Alone(shard),
            _ when step.Contains("takes the old Commit", StringComparison.Ordinal) => Quote(shard, id, "committed", ShardEntryCodec.Retained(world.Segment, id)),
            _ when step.StartsWith("client write proposed", StringComparison.Ordinal) || step.StartsWith("leader change", StringComparison.Ordinal) => true,
            _ when Writes().Match(step) is { Success: true } m => Write(shard, $"{m.Groups[1].Value}={m.Groups[2].Value}", m.Groups[1].Value),
            _ when step.Contains("commits COPY", StringComparison.Ordinal) => Write(shard, "k0<k1", "k0"),
            _ when step.Contains("for a read", StringComparison.Ordinal) => Read(shard, step),
            _ when step.Contains(" replies ", StringComparison.Ordinal) => Reply(),
            _ => TakeStream(shard, step),
        };
    }

    private bool TakeStream(TraceShard target, string step)
    {
        var source = world.Shards.Values.Single(s => s != target);
        var id = target.Replica.Migration;
        switch (step)
        {
            case var _ when Chunks().Match(step) is { Success: true } m:
                return source.Replica.Table is not null && target.Take(id, source.Chunk(int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)));
            case var _ when step.Contains("last marker", StringComparison.Ordinal):
                return Marker(source, target, id);
            case var _ when step.Contains("opens the reverse stream", StringComparison.Ordinal):
                return OpenBack(source, target, id);
            case var _ when step.Contains("applies stream entry", StringComparison.Ordinal):
                return source.Effects() is { } newest && target.Take(id, newest);
            case var _ when step.Contains("that A only proposed", StringComparison.Ordinal):
                // No leader sends it. Sent all the same, the gate cannot know; the digest at the freeze index does.
                return target.Take(id, Invented(target));
            case var _ when step.Contains("has no cursor", StringComparison.Ordinal):
                target.RestartReplica();
                return source.Effects() is { } later && target.Take(id, later with { Previous = later.Index });
            default:
                throw Unknown(step);
        }
    }

    private bool Begin(string name, string from, string to)
    {
        var answer = world.Decide(new BeginMigration(0, $"trace-{name}", 1, world.Segment, world.Shards[from].Machine.Shard, world.Shards[to].Machine.Shard, "trace", ""));
        if (answer.Accepted)
        {
            ids[name] = answer.MigrationId;
            world.Decide(new AdmitMigration(0, answer.MigrationId));
        }

        return answer.Accepted;
    }

    /// <summary>The model does not know the verification before; here it is said to have succeeded.</summary>
    private bool CutOver(ulong id)
    {
        world.Decide(new NoteImporting(0, id));
        world.Decide(new NoteVerified(0, id));
        return Decide(new AllowCutOver(0, id));
    }

    private bool Commit(ulong id) =>
        Record(id) is { } record && Decide(new CommitMigration(0, id, world.ById(record.To).Replica is { Ready: true } target && target.Migration == id ? 1UL : 0));

    private bool NoteActivated(ulong id)
    {
        if (Record(id) is { ActivatedUnixMs: 0, Epoch: > 0 } record && world.ById(record.To).Replica.State == SegmentState.Owned)
        {
            world.Decide(new NoteActivated(1, id));
        }

        return true;
    }

    private bool RollBack(string step, ulong id)
    {
        NoteActivated(id);
        var answer = world.Decide(new RollBack(0, id, "trace", ""));
        if (answer.Accepted)
        {
            ids[step.Contains("Begin(m2", StringComparison.Ordinal) ? "m2" : "rollback"] = answer.MigrationId;
        }

        return answer.Accepted;
    }

    private bool Forget(ulong id)
    {
        var record = Record(id);
        if (record is null)
        {
            return false;
        }

        foreach (var (name, shard) in world.Shards)
        {
            if (shard.Replica.Ended < id && !unacknowledged.Contains((name, id)))
            {
                Quote(shard, id, "over", ShardEntryCodec.End(world.Segment, id));
            }

            if (shard.Replica.Ended >= id)
            {
                world.Decide(new NoteEnded(0, id, shard.Machine.Shard, 0));
            }
        }

        return !world.Meta.State.Migrations.ContainsKey(id);
    }

    private bool Freeze(TraceShard shard, ulong id)
    {
        return Quote(shard, id, "cutOver", ShardEntryCodec.Freeze(world.Segment, id));
    }

    private bool Activate(TraceShard shard, ulong id) => Quote(shard, id, "committed", ShardEntryCodec.Activate(world.Segment, id, Record(id)?.Epoch ?? 0, 0));

    /// <summary>An orphan's question: M names another owner. Here a Drop follows only where the migration that is held is over.</summary>
    private bool Ask(string name)
    {
        var replica = world.Shards[name].Replica;
        asked[name] = (replica.State, replica.Migration, Has(replica.Migration, "aborted") || Has(replica.Migration, "over"));
        return asked[name].Allowed;
    }

    private bool DropAsAsked(TraceShard shard, string name)
    {
        var (state, id, allowed) = asked[name];
        return allowed && shard.Apply(ShardEntryCodec.Drop(world.Segment, state, id)) == ApplyOutcome.Applied;
    }

    private bool AcknowledgeWithoutEntry(TraceShard shard, string name, ulong id)
    {
        unacknowledged.Add((name, id));
        return shard.Replica.Ended >= id;
    }

    private bool Alone(TraceShard shard)
    {
        var before = shard.Replica.State;
        world.LetDecideAlone(shard);
        return shard.Replica.State != before;
    }

    private bool Write(TraceShard shard, string command, string key)
    {
        var copied = command.Contains('<', StringComparison.Ordinal) ? shard.Look("k1") : command[(key.Length + 1)..];
        if (!shard.Write(command))
        {
            return false;
        }

        world.Truth[key] = copied;
        return true;
    }

    private bool Read(TraceShard shard, string step)
    {
        var key = step.Contains("k1", StringComparison.Ordinal) ? "k1" : "k0";
        reading = (key, Reads().Match(step).Groups[1].Value, step.StartsWith("deposed", StringComparison.Ordinal), shard.Replica.State);
        return reading.Value.State == SegmentState.Owned;
    }

    /// <summary>A reply needs the segment Owned and the lease of the term for which it was taken; when a leader was elected after it, that lease is over.</summary>
    private bool Reply()
    {
        var (key, value, deposed, state) = reading!.Value;
        if (deposed || state != SegmentState.Owned)
        {
            return false;
        }

        return world.Truth[key] == value ? true : throw new SimulationFailedException(Invariant.NoStaleRead, $"A read gives {value} for {key}, {world.Truth[key]} was acknowledged.");
    }

    private static bool Marker(TraceShard source, TraceShard target, ulong id)
    {
        if (source.Replica.Table is null)
        {
            return false;
        }

        // The freeze index is a place in the stream; what stands between the cursor and it comes first, where it fits.
        foreach (var effects in source.EffectsBehind(target.Replica.Cursor.Index))
        {
            target.Take(id, effects);
        }

        return target.Take(id, source.Marker(final: source.Replica.State == SegmentState.Frozen)) && target.Replica.Ready;
    }

    private bool OpenBack(TraceShard source, TraceShard target, ulong id)
    {
        if (target.Replica.State != SegmentState.Retained || source.Replica.Table is null)
        {
            return false;
        }

        var taken = target.Take(id, source.Restart());
        if (ids.TryGetValue("rollback", out var rollback))
        {
            target.Apply(ShardEntryCodec.Importing(world.Segment, rollback, Base(rollback)));
        }

        return taken;
    }

    private static StreamEffects Invented(TraceShard target)
    {
        var effect = new System.Buffers.ArrayBufferWriter<byte>();
        EffectCodec.Set(effect, "k0"u8, new StoredValue(ValueKind.String, "1"u8, 0));
        return new StreamEffects(target.Replica.Cursor.Index, target.Replica.Cursor.Index + 1, 0, 1, effect.WrittenMemory);
    }

    private bool Decide(MetaCommand command) => world.Decide(command).Accepted;

    private bool Quote(TraceShard shard, ulong id, string fact, byte[] entry) => Has(id, fact) && shard.Apply(entry) == ApplyOutcome.Applied;

    private bool Has(ulong id, string fact) => facts.TryGetValue(id, out var known) && known.Contains(fact);

    /// <summary>What M has ever decided stays true, however late it is quoted.</summary>
    private void Learn()
    {
        foreach (var record in world.Meta.State.Migrations.Values.Concat(world.Meta.State.Ended))
        {
            if (!facts.TryGetValue(record.Id, out var known))
            {
                facts[record.Id] = known = ["begun"];
            }

            _ = record.Phase == MigrationPhase.CuttingOver && known.Add("cutOver");
            _ = record.Epoch > 0 && known.Add("committed");
            _ = record.Phase is MigrationPhase.Aborting or MigrationPhase.Aborted && known.Add("aborted");
            _ = record.IsOver && known.Add("over");
        }
    }

    private MigrationRecord? Record(ulong id) => world.Meta.State.Find(id);

    private ulong Base(ulong id) => Record(id)?.Base ?? 0;

    private ulong Id(string step) => Ids().Match(step) is { Success: true } m ? ids.GetValueOrDefault(m.Value) : 0;

    /// <summary>Where the model let a rollback have the id of what it undoes, ours has one of its own.</summary>
    private ulong RollbackOr(string step, ulong id) => step.Contains("rollback", StringComparison.OrdinalIgnoreCase) ? ids.GetValueOrDefault("rollback", id) : id;

    private static InvalidOperationException Unknown(string step) => new($"The step '{step}' is none that this driver knows: teach it.");

    [GeneratedRegex(@"^Begin\((m\d)\) ([AB])->([AB])")]
    private static partial Regex Begins();

    [GeneratedRegex(@"\bm\d")]
    private static partial Regex Ids();

    [GeneratedRegex(@"\b([AB])\b")]
    private static partial Regex ShardNamed();

    [GeneratedRegex(@"commits write (k\d)=(\d+)")]
    private static partial Regex Writes();

    [GeneratedRegex(@"applies chunk (\d)")]
    private static partial Regex Chunks();

    [GeneratedRegex(@"takes k\d=(\d+) for a read")]
    private static partial Regex Reads();
}
