namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>
/// How long requests take on a node of the paper cluster: M/M/1. Requests arrive at random and each needs a random (exponential) time of the node's CPU, so the time
/// from its arrival to its answer is exponential with mean S ÷ (1 − ρ), and its 99th percentile is ln 100 × S ÷ (1 − ρ). With processor sharing and any distribution of
/// the need (M/G/1-PS) the mean is the same. Clients wait for their answers, so an overload leaves no queue behind: a node that is full answers without bound while it is full.
/// </summary>
/// <param name="ServiceMs">S: what one request needs on an idle node, ms, above 0.</param>
/// <param name="TargetMs">Largest 99th percentile that is accepted, ms, above ln 100 × S.</param>
internal sealed record QueueModel(double ServiceMs = 0.2, double TargetMs = 5)
{
    private static readonly double Log100 = Math.Log(100);

    /// <summary>Utilisation above which the 99th percentile passes the target, below 1; 0 or less where even an idle node is too slow.</summary>
    public double LargestUtilisation => 1 - (Log100 * ServiceMs / TargetMs);

    /// <summary>99th percentile at a utilisation, ms; infinite from 1 on.</summary>
    public double P99Ms(double utilisation) => utilisation >= 1 ? double.PositiveInfinity : Log100 * ServiceMs / (1 - Math.Max(0, utilisation));

    /// <summary>Whether a node of this utilisation breaks the target.</summary>
    public bool Violates(double utilisation) => P99Ms(utilisation) > TargetMs;
}
