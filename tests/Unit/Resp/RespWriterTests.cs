using System.Text;
using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.Unit.Resp;

public sealed class RespWriterTests
{
    [Fact]
    public void Resp2_has_its_own_form_for_every_type_of_resp3() => Assert.Equal(
        "+OK\r\n+hi\r\n-ERR a b\r\n:-5\r\n$2\r\nab\r\n$3\r\n-12\r\n$-1\r\n*-1\r\n*1\r\n*4\r\n*3\r\n*1\r\n:1\r\n:0\r\n$3\r\n1.5\r\n$3\r\ninf\r\n$4\r\ntext\r\n",
        WriteAll(2));

    [Fact]
    public void Resp3_has_types_for_all_of_them() => Assert.Equal(
        "+OK\r\n+hi\r\n-ERR a b\r\n:-5\r\n$2\r\nab\r\n$3\r\n-12\r\n_\r\n_\r\n*1\r\n%2\r\n~3\r\n>1\r\n#t\r\n#f\r\n,1.5\r\n,inf\r\n=8\r\ntxt:text\r\n",
        WriteAll(3));

    [Fact]
    public void Without_an_output_nothing_happens() => Write(new RespWriter(null, 3));

    [Fact]
    public void A_reply_over_the_limit_is_an_exception()
    {
        using var buffer = new ReplyBuffer(maxBytes: 100);

        Assert.Throws<ReplyTooLargeException>(() => new RespWriter(buffer, 2).Bulk(new byte[5000]));
    }

    private static string WriteAll(int protocol)
    {
        using var buffer = new ReplyBuffer();
        Write(new RespWriter(buffer, protocol));
        return Encoding.UTF8.GetString(buffer.Written);
    }

    private static void Write(RespWriter writer)
    {
        writer.Ok();
        writer.Simple("hi");
        writer.Error("ERR a\nb");
        writer.Integer(-5);
        writer.Bulk("ab"u8);
        writer.BulkInteger(-12);
        writer.Null();
        writer.NullArray();
        writer.Array(1);
        writer.Map(2);
        writer.Set(3);
        writer.Push(1);
        writer.Boolean(true);
        writer.Boolean(false);
        writer.Double(1.5);
        writer.Double(double.PositiveInfinity);
        writer.Verbatim("txt", "text");
    }
}
