namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>One chart, drawn by js/chart.js when <see cref="ChartModel.Key"/> changes.</summary>
public sealed partial class Chart
{
    /// <inheritdoc/>
    protected override string ModulePath => "./js/chart.js";

    /// <inheritdoc/>
    protected override string KeyOf(ChartModel model) => model.Key;
}
