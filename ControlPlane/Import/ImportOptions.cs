namespace ShardConsole.ControlPlane.Import;

/// <summary>Limits of imports. Section "Import".</summary>
internal sealed class ImportOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Import";

    /// <summary>Largest file that is taken, MiB, 1..1048576.</summary>
    public int MaxFileMegabytes { get; set; } = 4096;

    /// <summary>Imports that may wait, 1..10000.</summary>
    public int MaxWaiting { get; set; } = 100;

    /// <summary>Imports that a list shows, 1..10000; the newest.</summary>
    public int MaxListed { get; set; } = 200;

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (MaxFileMegabytes is < 1 or > 1_048_576)
        {
            yield return $"Import:MaxFileMegabytes {MaxFileMegabytes} is outside 1..1048576.";
        }

        if (MaxWaiting is < 1 or > 10_000)
        {
            yield return $"Import:MaxWaiting {MaxWaiting} is outside 1..10000.";
        }

        if (MaxListed is < 1 or > 10_000)
        {
            yield return $"Import:MaxListed {MaxListed} is outside 1..10000.";
        }
    }
}
