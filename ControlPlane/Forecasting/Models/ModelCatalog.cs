namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>The models that are tried on every series. The order breaks ties.</summary>
internal static class ModelCatalog
{
    /// <summary>Index of the yardstick: repeating yesterday.</summary>
    public const int Yardstick = 0;

    /// <summary>All models.</summary>
    public static readonly IReadOnlyList<IForecastModel> All =
    [
        new SeasonalNaiveModel(1),
        new SeasonalNaiveModel(7),
        new LastValueModel(),
        new SmoothedLevelModel(0.5),
        new SmoothedLevelModel(0.2),
        new SmoothedLevelModel(0.05),
        new RobustLevelModel(),
        new HoltWintersModel(0.1, 0.02, 0.2),
        new HoltWintersModel(0.4, 0.02, 0.3),
        new ProfileModel(1, logarithmic: false),
        new ProfileModel(1, logarithmic: true),
        new ProfileModel(7, logarithmic: false),
    ];
}
