using ShardConsole.ControlPlane.Commands;

return await CommandLine.RunAsync(args, Console.Error);
