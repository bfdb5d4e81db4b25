namespace ShardConsole.ControlPlane.Fleet;

/// <summary>
/// CPU cost of a read and of a write, and of a write for each follower, microseconds, learnt from the reports: least squares over
/// cpu = a × reads + b × writes, drawn towards the defaults while little was seen. Not safe for concurrent use.
/// </summary>
internal sealed class OperationCost
{
    /// <summary>Assumed until measured, µs.</summary>
    public const double DefaultRead = 20;

    /// <summary>Assumed until measured, µs.</summary>
    public const double DefaultWrite = 60;

    /// <summary>Assumed until measured, µs.</summary>
    public const double DefaultFollow = 30;

    /// <summary>Weight of the defaults, in operations squared: overruled by about a hundred operations a second.</summary>
    private const double Prior = 2e5;

    /// <summary>
    /// How much of what was seen is kept with each report: half is forgotten after about 140. A node that has just started runs code that is not optimised yet, at several
    /// times the cost: that must not price a history for ever.
    /// </summary>
    private const double Keep = 0.995;

    private double readRead = Prior, readWrite, writeWrite = Prior, readCpu = Prior * DefaultRead, writeCpu = Prior * DefaultWrite;
    private double followWrites = 1000, followCpu = 1000 * DefaultFollow;

    /// <summary>Adds the totals of one report.</summary>
    public void Add(double reads, double writes, double cpuMicros)
    {
        readRead = Decay(readRead, Prior) + (reads * reads);
        readWrite = (readWrite * Keep) + (reads * writes);
        writeWrite = Decay(writeWrite, Prior) + (writes * writes);
        readCpu = Decay(readCpu, Prior * DefaultRead) + (reads * cpuMicros);
        writeCpu = Decay(writeCpu, Prior * DefaultWrite) + (writes * cpuMicros);
    }

    /// <summary>Adds what the followers of one moment spent on a number of writes.</summary>
    public void AddFollower(double writes, double cpuMicros)
    {
        followWrites = Decay(followWrites, 1000) + writes;
        followCpu = Decay(followCpu, 1000 * DefaultFollow) + cpuMicros;
    }

    /// <summary>The costs as they stand, each at least 0.5 µs.</summary>
    public (double Read, double Write, double Follow) Current()
    {
        var determinant = (readRead * writeWrite) - (readWrite * readWrite);
        var read = ((readCpu * writeWrite) - (writeCpu * readWrite)) / determinant;
        var write = ((writeCpu * readRead) - (readCpu * readWrite)) / determinant;
        return (Math.Max(0.5, read), Math.Max(0.5, write), Math.Max(0.5, followCpu / followWrites));
    }

    // The prior decays like the rest but is never wholly forgotten, so that the equations stay solvable.
    private static double Decay(double value, double prior) => (value * Keep) + (prior * (1 - Keep));
}
