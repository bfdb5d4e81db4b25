Console.WriteLine("ShardConsole node agent");
