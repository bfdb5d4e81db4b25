using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Node;

/// <summary>Migrations as this node knows them. Safe for concurrent use.</summary>
internal interface IMigrationView
{
    /// <summary>All migrations that the meta group still knows, as this node's replica of it has them; empty where it has none.</summary>
    IReadOnlyList<MigrationStatus> Migrations { get; }
}
