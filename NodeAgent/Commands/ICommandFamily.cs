namespace ShardConsole.NodeAgent.Commands;

/// <summary>
/// A few rows of the command table that belong together. Every implementation in this assembly is found and joins the table, so that a new command is one file.
/// Needs a constructor without arguments.
/// </summary>
internal interface ICommandFamily
{
    IEnumerable<CommandSpec> Commands { get; }
}
