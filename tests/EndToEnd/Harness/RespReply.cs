namespace ShardConsole.EndToEnd.Harness;

/// <summary>One RESP2 reply.</summary>
/// <param name="Kind">'+', '-', ':', '$' or '*'.</param>
/// <param name="Text">Text of a string, number or error, one character per byte; null for nil.</param>
/// <param name="Items">Items of an array.</param>
internal sealed record RespReply(char Kind, string? Text, RespReply[] Items)
{
    public bool IsError => Kind == '-';

    public override string ToString() => Kind == '*' ? $"[{string.Join(", ", Items.Select(i => i.ToString()))}]" : $"{Kind}{Text ?? "(nil)"}";
}
