using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Failpoints;

namespace ShardConsole.NodeAgent.Inspection;

/// <summary>What the program does beside being a node.</summary>
internal static class InspectionCommands
{
    private const int Wrong = 2;

    /// <summary>Runs `verify FOLDER`, `dump FOLDER` or `failpoints` and answers its exit code; null where the arguments ask for none of them.</summary>
    public static int? TryRun(string[] arguments, TextWriter output, TextWriter errors)
    {
        try
        {
            switch (arguments)
            {
                case ["verify", var data]:
                    return VerifyCommand.Run(data, output);
                case ["dump", var data]:
                    return DumpCommand.Run(data, new CommandExecutor(CommandTable.Default), output);
                case ["failpoints"]:
                    output.WriteLine("SHARDCONSOLE_FAILPOINT=point[@n|@n-|@n-m]:kill|error|full|lose|sleep=ms, several separated by commas; n counts the hits of the point from 1.");
                    foreach (var (point, about) in FailpointList.All)
                    {
                        output.WriteLine($"  {point,-26} {about}");
                    }

                    return 0;
                case ["verify" or "dump" or "failpoints", ..]:
                    errors.WriteLine("NodeAgent verify FOLDER | dump FOLDER | failpoints: verify and dump take the data folder of a node that does not run.");
                    return Wrong;
                default:
                    return null;
            }
        }
        catch (StartupException e)
        {
            errors.WriteLine(e.Message);
            return Wrong;
        }
    }
}
