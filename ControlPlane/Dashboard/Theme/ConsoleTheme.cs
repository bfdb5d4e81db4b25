using MudBlazor;

namespace ShardConsole.ControlPlane.Dashboard.Theme;

/// <summary>The MudBlazor theme, built from <see cref="Tokens"/>: no colour is written down twice.</summary>
internal static class ConsoleTheme
{
    private static readonly string[] Sans = ["Inter", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif"];

    /// <summary>The theme of every page.</summary>
    public static MudTheme Build() => new()
    {
        PaletteDark = Fill(new PaletteDark(), dark: true),
        PaletteLight = Fill(new PaletteLight(), dark: false),
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px", AppbarHeight = "48px", DrawerWidthLeft = "200px", DrawerMiniWidthLeft = "56px", DrawerWidthRight = "520px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Sans, FontSize = "13px", LineHeight = "20px", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = Sans, FontSize = "13px", LineHeight = "20px", FontWeight = "500", TextTransform = "none", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontFamily = Sans, FontSize = "13px", LineHeight = "20px", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Sans, FontSize = "13px", LineHeight = "20px", LetterSpacing = "normal" },
            Subtitle1 = new Subtitle1Typography { FontFamily = Sans, FontSize = "13px", LineHeight = "20px", LetterSpacing = "normal" },
            Subtitle2 = new Subtitle2Typography { FontFamily = Sans, FontSize = "13px", LineHeight = "20px", FontWeight = "600", LetterSpacing = "normal" },
            Caption = new CaptionTypography { FontFamily = Sans, FontSize = "12px", LineHeight = "16px", LetterSpacing = "normal" },
            H6 = new H6Typography { FontFamily = Sans, FontSize = "18px", LineHeight = "26px", FontWeight = "600", LetterSpacing = "normal" },
        },
    };

    private static T Fill<T>(T palette, bool dark)
        where T : Palette
    {
        string C(string name) => Tokens.Colour(name, dark);
        palette.AppbarBackground = palette.DrawerBackground = palette.BackgroundGray = C("bg0");
        palette.AppbarText = palette.DrawerText = palette.DrawerIcon = C("text2");
        palette.Background = C("bg");
        palette.Surface = C("surface");
        palette.TableHover = palette.Skeleton = C("sel");
        palette.Divider = palette.DividerLight = palette.TableLines = palette.LinesDefault = C("line");
        palette.LinesInputs = C("line-input");
        palette.TextPrimary = C("text");
        palette.TextSecondary = palette.ActionDefault = C("text2");
        palette.TextDisabled = palette.ActionDisabled = C("text3");
        palette.Primary = palette.Info = C("accent");
        palette.PrimaryContrastText = palette.InfoContrastText = C("accent-text");
        palette.Secondary = C("forecast");
        palette.Tertiary = C("after");
        palette.Success = C("ok");
        palette.Warning = C("warn");
        palette.Error = C("err");
        palette.SecondaryContrastText = palette.TertiaryContrastText = palette.SuccessContrastText = palette.WarningContrastText = palette.ErrorContrastText = C("accent-text");
        return palette;
    }
}
