using System.Text.RegularExpressions;
using MudBlazor;
using ShardConsole.ControlPlane.Dashboard.Theme;
using ShardConsole.Unit.Tidy;

namespace ShardConsole.Unit.Dashboard;

public sealed partial class TokensTests
{
    [Fact]
    public void The_style_sheet_and_the_table_hold_the_same_colours()
    {
        var css = File.ReadAllText(Path.Combine(Repository.Root, "wwwroot-assets", "css", "tokens.css"));
        var blocks = Block().Matches(css).Select(m => Variable().Matches(m.Value).Select(v => $"{v.Groups[1].Value}={v.Groups[2].Value}").ToArray()).ToArray();

        Assert.Equal(3, blocks.Length);
        Assert.Equal(Tokens.All.Select(t => $"{t.Name}={t.Dark}"), blocks[0]);
        Assert.Equal(Tokens.All.Select(t => $"{t.Name}={t.Light}"), blocks[1]);
        Assert.Equal(blocks[1], blocks[2]);
    }

    [Fact]
    public void The_theme_is_built_from_the_table()
    {
        var theme = ConsoleTheme.Build();
        foreach (var (palette, dark) in new[] { ((Palette)theme.PaletteDark, true), (theme.PaletteLight, false) })
        {
            Assert.Equal(
                [Tokens.Colour("bg", dark), Tokens.Colour("surface", dark), Tokens.Colour("accent", dark), Tokens.Colour("forecast", dark), Tokens.Colour("after", dark), Tokens.Colour("err", dark)],
                new[] { palette.Background, palette.Surface, palette.Primary, palette.Secondary, palette.Tertiary, palette.Error }.Select(c => c.ToString(MudBlazor.Utilities.MudColorOutputFormats.Hex).ToUpperInvariant()));
        }
    }

    [Fact]
    public void Text_is_readable_on_every_ground()
    {
        string[] inks = ["text", "text2", "text3", "accent", "forecast", "after", "ok", "warn", "err"];
        string[] grounds = ["bg0", "bg", "surface", "raised", "sel"];
        var weak = from dark in new[] { true, false }
                   from ink in inks
                   from ground in grounds
                   let contrast = Contrast(Tokens.Colour(ink, dark), Tokens.Colour(ground, dark))
                   where contrast < 4.5
                   select $"{ink} on {ground}, {(dark ? "dark" : "light")}: {contrast:0.00}";
        Assert.Equal([], weak);
    }

    private static double Contrast(string a, string b)
    {
        var (high, low) = (Math.Max(Luminance(a), Luminance(b)), Math.Min(Luminance(a), Luminance(b)));
        return (high + 0.05) / (low + 0.05);
    }

    private static double Luminance(string hex)
    {
        double Part(int at)
        {
            var c = Convert.ToInt32(hex.Substring(at, 2), 16) / 255.0;
            return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Part(1)) + (0.7152 * Part(3)) + (0.0722 * Part(5));
    }

    [GeneratedRegex(@"color-scheme[^}]*")]
    private static partial Regex Block();

    [GeneratedRegex(@"--([\w-]+): (#\w{6});")]
    private static partial Regex Variable();
}
