using System.Globalization;
using ShardConsole.ControlPlane.Api;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Demo;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Simulated;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Import;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.LocalCluster;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Webhooks;
using ShardConsole.ControlPlane.WhatIf;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>All options of the control plane, read and checked.</summary>
internal sealed record HostSettings(
    ControlPlaneOptions ControlPlane, LocalClusterOptions LocalCluster, FleetOptions Fleet, IntakeOptions Intake, HistoryOptions History, JobsOptions Jobs,
    ImportOptions Import, DemoOptions Demo, ForecastOptions Forecasting, ScoringOptions Scoring, PlanningOptions Planning,
    SecurityOptions Security, SimulatedOptions Simulated, ApprovalOptions Approval, RolloutOptions Rollout, ApiOptions Api, WhatIfOptions WhatIf, PatternOptions Patterns,
    WebhookOptions Webhooks)
{
    /// <summary>Prefix of environment variables: SHARDCONSOLE_ControlPlane__Port, say.</summary>
    public const string EnvironmentPrefix = "SHARDCONSOLE_";

    /// <summary>Adds environment and flags over appsettings.json, and what follows from them under it.</summary>
    public static void AddConfiguration(IConfigurationManager configuration, IReadOnlyDictionary<string, string?> flags)
    {
        configuration.AddEnvironmentVariables(EnvironmentPrefix);
        configuration.AddInMemoryCollection(flags);
        var control = Bind<ControlPlaneOptions>(configuration, ControlPlaneOptions.Section);
        var jobs = Bind<JobsOptions>(configuration, JobsOptions.Section);
        ((IConfigurationBuilder)configuration).Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
        {
            InitialData = Derived(control, jobs, Bind<FleetOptions>(configuration, FleetOptions.Section), Bind<SimulatedOptions>(configuration, SimulatedOptions.Section)),
        });
    }

    /// <summary>Reads all options.</summary>
    /// <exception cref="StartupException">Some are wrong; all problems are named.</exception>
    public static HostSettings Read(IConfiguration configuration)
    {
        var settings = new HostSettings(
            Bind<ControlPlaneOptions>(configuration, ControlPlaneOptions.Section), Bind<LocalClusterOptions>(configuration, LocalClusterOptions.Section),
            Bind<FleetOptions>(configuration, FleetOptions.Section), Bind<IntakeOptions>(configuration, IntakeOptions.Section),
            Bind<HistoryOptions>(configuration, HistoryOptions.Section), Bind<JobsOptions>(configuration, JobsOptions.Section),
            Bind<ImportOptions>(configuration, ImportOptions.Section), Bind<DemoOptions>(configuration, DemoOptions.Section),
            Bind<ForecastOptions>(configuration, "Forecasting"), Bind<ScoringOptions>(configuration, "Scoring"), Bind<PlanningOptions>(configuration, "Planning"),
            Bind<SecurityOptions>(configuration, SecurityOptions.Section), Bind<SimulatedOptions>(configuration, SimulatedOptions.Section), Bind<ApprovalOptions>(configuration, ApprovalOptions.Section),
            Bind<RolloutOptions>(configuration, RolloutOptions.Section), Bind<ApiOptions>(configuration, ApiOptions.Section),
            Bind<WhatIfOptions>(configuration, WhatIfOptions.Section), Bind<PatternOptions>(configuration, PatternOptions.Section),
            Bind<WebhookOptions>(configuration, WebhookOptions.Section));
        var problems = settings.Problems().ToList();
        return problems.Count == 0 ? settings : throw new StartupException(string.Join(' ', problems));
    }

    /// <summary>The cluster key: the local cluster's, or that of the file that is named. A simulated fleet has none, so that nobody can report for it.</summary>
    public static ClusterKey ReadKey(HostSettings settings, string dataFolder) =>
        settings.Fleet.IsSimulated ? new ClusterKey(Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)))
        : ClusterKey.Read(settings.Fleet.ClusterKeyFile.Length > 0 ? settings.Fleet.ClusterKeyFile : LocalClusterFile.KeyPath(dataFolder));

    /// <summary>Defaults that follow from other options: they give way to everything that was said.</summary>
    private static Dictionary<string, string?> Derived(ControlPlaneOptions control, JobsOptions jobs, FleetOptions fleet, SimulatedOptions simulated)
    {
        var period = JobSchedule.Seconds(jobs.ForecastMinutes, Math.Max(1, control.ClockFactor), jobs.ForecastMinSeconds);
        var derived = new Dictionary<string, string?>
        {
            // A forecast is old after two turns and the time that one takes.
            ["Scoring:ForecastMaxAgeMinutes"] = Text(Math.Max(15, ((2 * period) + 10) * control.ClockFactor / 60)),
        };
        if (control.Demo)
        {
            derived["Scoring:ThresholdMillicores"] = Text(DemoOptions.DefaultThresholdMillicores);
        }

        if (fleet.IsSimulated)
        {
            derived["Scoring:ThresholdMillicores"] = Text(simulated.DefaultThreshold);
        }

        return derived;
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static T Bind<T>(IConfiguration configuration, string section)
        where T : new()
    {
        try
        {
            return configuration.GetSection(section).Get<T>() ?? new T();
        }
        catch (InvalidOperationException e)
        {
            throw new StartupException($"{section}: {e.Message}");
        }
    }

    private IEnumerable<string> Problems() =>
        ControlPlane.Problems().Concat(LocalCluster.Problems()).Concat(Fleet.Problems()).Concat(Intake.Problems()).Concat(History.Problems())
            .Concat(Jobs.Problems()).Concat(Import.Problems()).Concat(Demo.Problems()).Concat(Forecasting.Problems()).Concat(Scoring.Problems())
            .Concat(Planning.Problems()).Concat(Security.Problems()).Concat(Simulated.Problems()).Concat(Approval.Problems()).Concat(Rollout.Problems()).Concat(Api.Problems()).Concat(WhatIf.Problems()).Concat(Patterns.Problems()).Concat(Webhooks.Problems()).Concat(Reachable());

    private IEnumerable<string> Reachable()
    {
        if (Fleet.IsSimulated)
        {
            if (ControlPlane.Demo || Fleet.Seeds.Any())
            {
                yield return "--fleet simulated goes with neither --demo nor --seed-admin: its load is generated and it has no nodes that could be asked.";
            }
        }
        else if (LocalCluster.Nodes == 0 && !Fleet.Seeds.Any())
        {
            yield return "--local-nodes 0 needs --seed-admin with the admin address host:port of a node.";
        }

        if (Fleet.NodeCa.Length > 0 && (Fleet.IsSimulated || LocalCluster.Nodes > 0))
        {
            yield return "--node-ca goes with --seed-admin and --local-nodes 0: local nodes are on this machine and speak plainly.";
        }
    }
}
