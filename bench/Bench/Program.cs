Console.WriteLine("ShardConsole benchmarks");
