namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>A model on a series that is too short for it.</summary>
internal sealed class NoForecast : IFittedModel
{
    public static readonly NoForecast Instance = new();

    public float At(int origin, int horizon) => float.NaN;
}
