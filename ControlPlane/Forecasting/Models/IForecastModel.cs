namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>One way to forecast a series. Stateless; a further model joins by standing in <see cref="ModelCatalog"/>.</summary>
internal interface IForecastModel
{
    /// <summary>Shown to people, "Holt-Winters".</summary>
    string Name { get; }

    /// <summary>Goes once through the series.</summary>
    IFittedModel Fit(Series series);
}

/// <summary>A model on one series.</summary>
internal interface IFittedModel
{
    /// <summary>
    /// The forecast made at index <paramref name="origin"/> for index origin + horizon, from values at indexes up to origin alone; NaN where
    /// the model cannot tell.
    /// </summary>
    float At(int origin, int horizon);
}
