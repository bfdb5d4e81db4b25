namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>The shard strips of the Overview: one canvas, drawn by js/strips.js when the key changes.</summary>
public sealed partial class Strips
{
    /// <inheritdoc/>
    protected override string ModulePath => "./js/strips.js";

    /// <inheritdoc/>
    protected override string KeyOf(StripModel model) => model.Key;
}
