using ShardConsole.Bench;

// One row per benchmark: name, what it measures, function from options to exit code.
var benchmarks = new (string Name, string About, Func<string[], Task<int>> Run)[]
{
    ("first-loop", "a real request log: history in, forecast, plan, approval, live moves under the replay; and beside it the same without moves; --log FILE --from T --to T --clock N --amplify K --spread S --threshold M --node-cpu M --quantile Q --horizon H --write-share X", FirstLoopBench.RunAsync),
    ("throughput", "GET and SET beside redis-server, replicated SET beside etcd: operations a second and CPU per operation", ThroughputBench.RunAsync),
    ("failover", "write gap after kill -9 of a leader, beside etcd; --kills N, --etcd-kills N", FailoverBench.RunAsync),
    ("idle", "what many idle groups cost: CPU and bytes to each peer; --shards N per node, --seconds N", IdleBench.RunAsync),
    ("soak", "the large matrices: kills at every fsync, kills by phase and role, seeds of the simulator; --fsyncs N, --rounds N, --seeds N, --only NAME", SoakBench.RunAsync),
    ("reshard", "a sixth of the slots moved under load, beside redis-cli --cluster reshard; --keys N, --large N, --seconds N, --only rf1|rf3|redis10|redis100", ReshardBench.RunAsync),
    ("gossip", "the gossip core at 30, 100 and 1000 simulated nodes, with loss: time until all know, misses, false suspicions; --rumours N, --nodes N, --seed N", GossipBench.RunAsync),
    ("forecast", "the forecast of 1024 segments over 28 days", args =>
    {
        ForecastBench.Run(args);
        return Task.FromResult(0);
    }),
    ("events", "planted recurring spikes in public series: error within them with and without the calendar, proposals; --data DIR", args => Task.FromResult(EventBench.Run(args))),
    ("patterns", "access patterns: planted clumps and chains found again, hot keys of real request logs, records a second; --data DIR", args => Task.FromResult(PatternBench.Run(args))),
    ("scores", "how often the real sum over a shard stays below its score, on public series; --data DIR", args => Task.FromResult(ScoreBench.Run(args))),
    ("plan", "the planner on 100 and 1000 nodes with 16384 segments, beside a lower bound", args =>
    {
        PlanBench.Run(args);
        return Task.FromResult(0);
    }),
    ("decision", "what deciding ahead is worth: clusters from real series under four policies; --sets A,B --other-sets C --nodes N --segments N --days N --seed N --forecast-minutes N --data FOLDER", args => Task.FromResult(DecisionBench.Run(args))),
    ("learn-prior", "learns the regressions' prior anew from series in --data and writes it to --out", args => Task.FromResult(PriorLearning.Run(args))),
    ("group-commit", "durable commits through the node's SQLite store beside raw fdatasync of the same bytes", GroupCommit.RunAsync),
    ("segment-table", "the table of a segment: memory per key, inserts, reads, worst operation, scan, drop", SegmentTables.RunAsync),
};

var chosen = args.Length == 0 ? default : Array.Find(benchmarks, b => b.Name == args[0]);
if (chosen.Run is not null && args.Contains("--help"))
{
    Console.WriteLine($"bench/run {chosen.Name} [options]: {chosen.About}");
    return 0;
}

if (chosen.Run is not null)
{
    return await chosen.Run(args[1..]);
}

Console.WriteLine(args.Length == 0 ? "bench/run NAME [options]; the names are:" : $"There is no benchmark '{args[0]}'; the names are:");
foreach (var (name, about, _) in benchmarks)
{
    Console.WriteLine($"  {name,-16} {about}");
}

return args.Length == 0 ? 0 : 2;
