using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Node;

internal sealed class NoMigrations : IMigrationView
{
    public IReadOnlyList<MigrationStatus> Migrations => [];
}
