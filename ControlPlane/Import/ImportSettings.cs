using System.Text.Json.Serialization;
using ShardConsole.ControlPlane.Replay;

namespace ShardConsole.ControlPlane.Import;

/// <summary>Where a log's times are put. Persisted by name.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImportShift>))]
internal enum ImportShift
{
    /// <summary>As they are where the history keeps them; else by whole days, so that the log ends within the last day: the time of day stays.</summary>
    Auto,

    /// <summary>As they are.</summary>
    None,

    /// <summary>So that the log ends now.</summary>
    EndNow,
}

/// <summary>How a log is imported.</summary>
/// <param name="Shift">Where its times are put.</param>
/// <param name="Amplify">How often each request counts, 1..100000: as a replay with the same figure would send it.</param>
/// <param name="WriteShare">Ratio of its reads that count as writes, 0..1: the same ones that a replay would send as writes.</param>
/// <param name="SpreadSeconds">Log seconds after a request over which what it counts for is spread evenly, 0..86400: as a replay with the same figure would send it.</param>
/// <param name="OverMeasured">The log stands also for times of which the cluster measured its own load: a new cluster's idle hours do not hide the past that it is given.</param>
internal sealed record ImportSettings(ImportShift Shift = ImportShift.Auto, int Amplify = 1, double WriteShare = 0, double SpreadSeconds = 0, bool OverMeasured = false)
{
    /// <summary>Mark of the frames of the import with this id.</summary>
    public long SourceOf(long id) => OverMeasured ? -id : id;

    /// <summary>All that is wrong with these settings, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Amplify is < 1 or > 100_000)
        {
            yield return $"--amplify {Amplify} is outside 1..100000.";
        }

        if (SpreadSeconds is not (>= 0 and <= AmplifiedLog.MaxSpreadSeconds))
        {
            yield return $"--spread {SpreadSeconds} is outside 0..{AmplifiedLog.MaxSpreadSeconds}.";
        }

        if (WriteShare is not (>= 0 and <= 1))
        {
            yield return $"--write-share {WriteShare} is outside 0..1.";
        }
    }
}
