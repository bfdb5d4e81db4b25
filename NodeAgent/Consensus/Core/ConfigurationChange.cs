using System.Buffers.Binary;

namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// A proposed change of who votes and who learns: the data of an entry of kind <see cref="EntryKind.Configuration"/> (exactly one step) or
/// <see cref="EntryKind.ConfigurationV2"/>. No steps: leave the joint configuration.
/// Encoded as transition (1 byte), then per step kind (1 byte) and id (8 bytes, little endian); leaving is empty. Persisted, never renumber.
/// </summary>
internal sealed record ConfigurationChange(ConfigurationTransition Transition, IReadOnlyList<ConfigurationStep> Steps)
{
    /// <summary>Most steps of one change.</summary>
    public const int MaxSteps = 64;

    /// <summary>Leaves the joint configuration.</summary>
    public static readonly ConfigurationChange Leave = new(ConfigurationTransition.Auto, []);

    private const int StepBytes = 9;

    /// <summary>True where this leaves the joint configuration.</summary>
    public bool Leaves => Steps.Count == 0 && Transition == ConfigurationTransition.Auto;

    /// <summary>True where this goes through a joint configuration.</summary>
    public bool EntersJoint => Transition != ConfigurationTransition.Auto || Steps.Count > 1;

    /// <summary>Makes <paramref name="id"/> a voter.</summary>
    public static ConfigurationChange AddVoter(ulong id) => Of(ConfigurationChangeKind.AddVoter, id);

    /// <summary>Makes <paramref name="id"/> a learner.</summary>
    public static ConfigurationChange AddLearner(ulong id) => Of(ConfigurationChangeKind.AddLearner, id);

    /// <summary>Removes <paramref name="id"/>.</summary>
    public static ConfigurationChange Remove(ulong id) => Of(ConfigurationChangeKind.Remove, id);

    /// <summary>The data of the entry.</summary>
    public byte[] Encode()
    {
        if (Leaves)
        {
            return [];
        }

        var bytes = new byte[1 + (StepBytes * Steps.Count)];
        bytes[0] = (byte)Transition;
        for (var i = 0; i < Steps.Count; i++)
        {
            var step = bytes.AsSpan(1 + (StepBytes * i), StepBytes);
            step[0] = (byte)Steps[i].Kind;
            BinaryPrimitives.WriteUInt64LittleEndian(step[1..], Steps[i].Id);
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote. False: not such data.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out ConfigurationChange change)
    {
        change = Leave;
        if (bytes.IsEmpty)
        {
            return true;
        }

        var steps = new ConfigurationStep[(bytes.Length - 1) / StepBytes];
        if ((bytes.Length - 1) % StepBytes != 0 || steps.Length > MaxSteps || bytes[0] > (byte)ConfigurationTransition.JointExplicit)
        {
            return false;
        }

        for (var i = 0; i < steps.Length; i++)
        {
            var step = bytes.Slice(1 + (StepBytes * i), StepBytes);
            steps[i] = new ConfigurationStep((ConfigurationChangeKind)step[0], BinaryPrimitives.ReadUInt64LittleEndian(step[1..]));
            if (step[0] > (byte)ConfigurationChangeKind.AddLearner || steps[i].Id == 0)
            {
                return false;
            }
        }

        change = new ConfigurationChange((ConfigurationTransition)bytes[0], steps);
        return true;
    }

    private static ConfigurationChange Of(ConfigurationChangeKind kind, ulong id) =>
        new(ConfigurationTransition.Auto, [new ConfigurationStep(kind, id)]);
}
