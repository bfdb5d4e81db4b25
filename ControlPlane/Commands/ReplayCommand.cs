using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ShardConsole.ControlPlane.Replay;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>replay: sends a request log to a cluster through the Redis protocol.</summary>
internal static class ReplayCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "CSV of timestamp,key,op; gzip is recognised" };
        var endpoint = new Option<string[]>("--endpoint") { Description = "host:port of a node; may be repeated. Default: 127.0.0.1:7001", AllowMultipleArgumentsPerToken = true };
        var speedUp = new Option<double>("--speed-up") { Description = "Log seconds per real second", DefaultValueFactory = _ => 1 };
        var amplify = new Option<int>("--amplify") { Description = "Each request is repeated on so many derived keys of the same slot", DefaultValueFactory = _ => 1 };
        var spread = new Option<double>("--spread") { Description = "Log seconds over which the repetitions of a request are spread; 0 sends them at once" };
        var writeShare = new Option<double>("--write-share") { Description = "Ratio of the reads that are sent as writes, 0..1" };
        var valueBytes = new Option<int>("--value-bytes") { Description = "Length of written values", DefaultValueFactory = _ => 100 };
        var workers = new Option<int>("--workers") { Description = "Requests under way at once", DefaultValueFactory = _ => 64 };
        var connections = new Option<int>("--connections") { Description = "Connections to each node", DefaultValueFactory = _ => 2 };
        var retrySeconds = new Option<double>("--retry-seconds") { Description = "How long one request is tried again", DefaultValueFactory = _ => 30 };
        var noVerify = new Option<bool>("--no-verify") { Description = "Do not read the written keys back at the end" };
        var from = new Option<string?>("--from") { Description = "Only requests at or after this log time" };
        var to = new Option<string?>("--to") { Description = "Only requests before this log time" };
        var json = new Option<bool>("--json") { Description = "Print the report as one line of JSON" };
        var command = new Command("replay", "Sends a request log to a cluster and reports rate, latencies, errors and lost writes.")
        {
            file, endpoint, speedUp, amplify, spread, writeShare, valueBytes, workers, connections, retrySeconds, noVerify, from, to, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var endpoints = parsed.GetValue(endpoint) is { Length: > 0 } given ? given : ["127.0.0.1:7001"];
            var options = new ReplayOptions
            {
                Endpoints = endpoints,
                SpeedUp = parsed.GetValue(speedUp),
                Amplify = parsed.GetValue(amplify),
                SpreadSeconds = parsed.GetValue(spread),
                WriteShare = parsed.GetValue(writeShare),
                ValueBytes = parsed.GetValue(valueBytes),
                Workers = parsed.GetValue(workers),
                Connections = parsed.GetValue(connections),
                RetrySeconds = parsed.GetValue(retrySeconds),
                Verify = !parsed.GetValue(noVerify),
                From = Time("--from", parsed.GetValue(from)),
                To = Time("--to", parsed.GetValue(to)),
            };
            return RunAsync(parsed.GetValue(file)!, options, parsed.GetValue(json), cancellation);
        });
        return command;
    }

    /// <summary>0: all acknowledged and found again; 1: errors or losses, or a file that is no log.</summary>
    private static async Task<int> RunAsync(string file, ReplayOptions options, bool json, CancellationToken cancellation)
    {
        if (options.Problems().FirstOrDefault() is { } problem)
        {
            throw new StartupException(problem);
        }

        using var reader = new LogReader(Open(file));
        ReplayReport report;
        try
        {
            report = await new ReplayRunner(options, TimeProvider.System).RunAsync(
                reader.Read(), (sent, at, behind) => Progress(string.Create(CultureInfo.InvariantCulture, $"{sent} sent, log time {at:u}, {behind:0.0} s behind")), cancellation);
        }
        catch (StackExchange.Redis.RedisConnectionException e)
        {
            throw new StartupException($"No node answers at {string.Join(", ", options.Endpoints)}: {e.Message.Split('\n')[0]} Name a running node with --endpoint.");
        }

        catch (ClusterSilentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        if (reader.Failure is not null)
        {
            await Console.Error.WriteLineAsync(reader.Failure);
            return 1;
        }

        if (reader.Rejected > 0)
        {
            Progress(string.Create(CultureInfo.InvariantCulture, $"{reader.Rejected} lines rejected; first: {reader.FirstRejected[0]}"));
        }

        Console.WriteLine(json ? JsonSerializer.Serialize(report, Json) : report.ToTable());
        return report.Errors == 0 && report.Lost == 0 ? 0 : 1;
    }

    /// <summary>Opens a file, or says in one line why not.</summary>
    internal static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(e is FileNotFoundException or DirectoryNotFoundException ? $"There is no file {file}." : $"{file} cannot be read: {e.Message}");
        }
    }

    // Beside the report, which may be piped elsewhere.
    private static void Progress(string text) => Console.Error.WriteLine(text);

    private static DateTimeOffset? Time(string flag, string? text) =>
        text is null ? null
        : LogLineParser.TryTime(text, out var at) ? at
        : throw new StartupException($"{flag} {text} is neither ISO 8601 nor Unix time.");
}
