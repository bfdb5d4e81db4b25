using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace ShardConsole.ControlPlane.Api.Answers;

/// <summary>Where a page ended: the list it belongs to, and the last row's place in the list's order.</summary>
/// <param name="Order">What the list is ordered by, as a number.</param>
/// <param name="Key">What tells rows of the same order apart.</param>
internal readonly record struct PagePlace(long Order, string Key);

/// <summary>
/// Cursors of pages: opaque to callers. A cursor names the last row by value and not by place, so that rows which were added or removed meanwhile neither repeat
/// nor hide others. It holds no secret and needs no signature: whatever it says, it only chooses where reading begins.
/// </summary>
internal static class PageCursor
{
    /// <summary>List name of cursors that are a place.</summary>
    public const string ByPlace = "place";

    private const int MaxLength = 200;

    /// <summary>The cursor after a row.</summary>
    public static string Of(string list, long order, string key) =>
        WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"1|{list}|{order}|{key}")));

    /// <summary>Where a cursor of this list says that reading goes on; false where it is none.</summary>
    public static bool TryRead(string list, string text, out PagePlace place)
    {
        place = default;
        if (text.Length > MaxLength)
        {
            return false;
        }

        try
        {
            var parts = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(text)).Split('|', 4);
            if (parts is not ["1", var of, var order, var key] || of != list || !long.TryParse(order, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            place = new PagePlace(number, key);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
