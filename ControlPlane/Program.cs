Console.WriteLine("ShardConsole control plane");
