namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>How the error of models that continue a level grows with the horizon.</summary>
internal static class FlatError
{
    /// <summary>A third of the day's deviation at once, all of it six hours ahead.</summary>
    public static double At(double days) => Math.Min(1.1, 0.25 + (1.5 * Math.Sqrt(days)));
}
