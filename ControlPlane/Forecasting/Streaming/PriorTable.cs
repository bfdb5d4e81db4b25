namespace ShardConsole.ControlPlane.Forecasting.Streaming;

internal static class PriorTable
{
    public static readonly (int Transform, int Day, int Horizon, float[] Beta)[] Rows = [];
}
