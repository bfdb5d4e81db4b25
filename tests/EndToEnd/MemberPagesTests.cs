using System.Collections.Concurrent;
using Microsoft.Playwright;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>Members and integrity in a browser, over real nodes: what is asked for there happens, and the pages tell it without a reload.</summary>
public sealed class MemberPagesTests
{
    private const float Guard = 180_000;

    [Fact]
    public async Task Replicas_are_compared_a_node_is_added_filled_drained_and_kept_from_the_console()
    {
        Assert.SkipUnless(File.Exists(ConsoleTests.Browser), $"There is no browser at {ConsoleTests.Browser}; install chromium to run this test.");
        await using var console = await ConsoleProcess.StartAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = ConsoleTests.Browser,
            Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        page.SetDefaultTimeout(Guard);
        var complaints = new ConcurrentQueue<string>();
        page.Console += (_, message) => { if (message.Type == "error") { complaints.Enqueue(message.Text); } };
        page.PageError += (_, error) => complaints.Enqueue(error);
        await page.GotoAsync(console.SetupLink);
        await page.FillAsync("input[name=name]", "ops-1");
        await page.FillAsync("input[name=password]", "a long password 1");
        await page.ClickAsync("button[type=submit]");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Overview", new() { Timeout = Guard });
        var site = new Uri(console.SetupLink).GetLeftPart(UriPartial.Authority);

        await page.GotoAsync(site + "/integrity");
        await ConfirmAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Compare all now" }));
        await Assertions.Expect(page.Locator("tbody .chip.ok", new() { HasTextString = "equal" }).Nth(11)).ToBeVisibleAsync(new() { Timeout = Guard });
        await PicturesAsync(page, "integrity-compared");

        await page.GotoAsync(site + "/fleet?view=members");
        await ConfirmAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Add node", Exact = true }));
        var newcomer = page.Locator("table.tall > tbody > tr", new() { HasTextString = "n4" }).First;

        // Its four shards are born with it and get their other replicas.
        await Assertions.Expect(page.Locator("table.changes-grid tbody tr", new() { HasTextString = "Done" })).ToHaveCountAsync(4, new() { Timeout = Guard });
        await Assertions.Expect(newcomer.Locator(".chip")).ToHaveTextAsync("alive", new() { Timeout = Guard });
        await PicturesAsync(page, "members-joined");

        await ConfirmAsync(page, newcomer.GetByRole(AriaRole.Button, new() { Name = "Give it its share" }));
        await Assertions.Expect(newcomer.Locator(".chip")).ToHaveTextAsync("alive", new() { Timeout = Guard });
        await Assertions.Expect(page.Locator("table.changes-grid tbody tr", new() { HasTextString = "Done" })).ToHaveCountAsync(12, new() { Timeout = Guard });
        await PicturesAsync(page, "members-filled");

        // Three replicas a shard on the three that are left: n4's go to others, so the drain of another one has somewhere to go.
        await ConfirmAsync(page, newcomer.GetByRole(AriaRole.Button, new() { Name = "Drain", Exact = true }));
        await Assertions.Expect(newcomer.Locator(".chip")).ToHaveTextAsync("empty, may leave", new() { Timeout = Guard });
        await PicturesAsync(page, "members-drained");
        await ConfirmAsync(page, newcomer.GetByRole(AriaRole.Button, new() { Name = "End the drain" }));
        await Assertions.Expect(newcomer.Locator(".chip")).ToHaveTextAsync("holds nothing", new() { Timeout = Guard });

        await page.GotoAsync(site + "/audit");
        await Assertions.Expect(page.GetByText("Drain ended").First).ToBeVisibleAsync(new() { Timeout = Guard });
        Assert.True(complaints.IsEmpty, string.Join('\n', complaints));
    }

    /// <summary>Opens a dialog, gives the reason and confirms.</summary>
    private static async Task ConfirmAsync(IPage page, ILocator button)
    {
        await button.ClickAsync();
        var dialog = page.Locator(".mud-dialog");
        await dialog.Locator("textarea").FillAsync("end-to-end test");
        await dialog.Locator(".mud-dialog-actions .btn.filled, .mud-dialog-actions .btn.danger").ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0, new() { Timeout = Guard });
    }

    private static async Task PicturesAsync(IPage page, string name)
    {
        var pictures = Directory.CreateDirectory(Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "screenshots"));
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(pictures.FullName, $"{name}-{(scheme == ColorScheme.Dark ? "dark" : "light")}.png"), FullPage = true });
            Assert.Empty(await page.EvaluateAsync<string[]>(ConsoleTests.Faults));
        }
    }
}
