namespace ShardConsole.NodeAgent.Storage;

/// <summary>128 bits that add up: the digest of a set of keys is the sum of the digests of its keys.</summary>
internal readonly record struct BucketDigest(ulong High, ulong Low)
{
    /// <summary>The digest of both sets together.</summary>
    public static BucketDigest operator +(BucketDigest a, BucketDigest b) => Of(new UInt128(a.High, a.Low) + new UInt128(b.High, b.Low));

    /// <summary>From 128 bits.</summary>
    internal static BucketDigest Of(UInt128 sum) => new((ulong)(sum >> 64), (ulong)sum);
}
