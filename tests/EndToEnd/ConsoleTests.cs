using System.Collections.Concurrent;
using Microsoft.Playwright;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>The console in a browser, over the real control plane and its nodes: from the one-time link to a finished migration.</summary>
public sealed class ConsoleTests
{
    private const string Browser = "/usr/bin/chromium";
    private const float Guard = 180_000;

    /// <summary>True when some pixel right of the line "now" is drawn: the forecast's half of the map.</summary>
    private const string AheadIsDrawn = """
        () => {
          const canvas = document.querySelector("canvas.hm-cells");
          if (!canvas || !canvas.width) return false;
          const left = Math.floor(canvas.width * 0.8);
          const data = canvas.getContext("2d").getImageData(left, 0, canvas.width - left, canvas.height).data;
          const seen = new Set();
          for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
          return seen.size > 8;
        }
        """;

    /// <summary>What a screen reader, a keyboard or a narrow screen would trip over.</summary>
    private const string Faults = """
        () => {
          const found = [];
          const shown = (e) => e.checkVisibility();
          const named = (e) => (e.getAttribute("aria-label") || e.getAttribute("title") || e.textContent || "").trim() || (e.labels && e.labels.length) || e.getAttribute("aria-labelledby");
          for (const e of document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea, [role=img], [role=application]")) if (shown(e) && !named(e) && !e.placeholder) found.push("no name: " + e.outerHTML.slice(0, 120));
          for (const e of document.querySelectorAll("button button, button a, a button, [role=button] button")) found.push("control inside a control: " + e.outerHTML.slice(0, 120));
          const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
          for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) found.push("id twice: " + id);
          for (const e of document.querySelectorAll("th")) if (!e.textContent.trim()) found.push("empty head of a column");
          if (document.documentElement.scrollWidth > innerWidth + 1) found.push("scrolls sideways: " + document.documentElement.scrollWidth + " > " + innerWidth);
          return found;
        }
        """;

    [Fact]
    public async Task A_newcomer_creates_the_administrator_sees_heat_approves_a_plan_and_watches_it_finish()
    {
        Assert.SkipUnless(File.Exists(Browser), $"There is no browser at {Browser}; install chromium to run this test.");
        await using var console = await ConsoleProcess.StartAsync("--demo");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Browser,
            Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        page.SetDefaultTimeout(Guard);
        page.SetDefaultNavigationTimeout(Guard);
        var complaints = new ConcurrentQueue<string>();
        page.Console += (_, message) => { if (message.Type == "error") { complaints.Enqueue(message.Text); } };
        page.PageError += (_, error) => complaints.Enqueue(error);

        await page.GotoAsync(console.SetupLink);
        await page.FillAsync("input[name=name]", "ops-1");
        await page.FillAsync("input[name=password]", "a long password 1");
        await page.ClickAsync("button[type=submit]");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Overview", new() { Timeout = Guard });

        var site = new Uri(console.SetupLink).GetLeftPart(UriPartial.Authority);
        await page.GotoAsync(site + "/heatmap");
        await page.WaitForFunctionAsync(AheadIsDrawn, null, new PageWaitForFunctionOptions { Timeout = Guard, PollingInterval = 500 });
        Assert.Equal(1, await page.Locator("canvas.hm-cells").CountAsync());

        await page.GotoAsync(site + "/plans");
        await page.GetByText("Review plan").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await page.Locator(".mud-dialog .btn.filled, .mud-dialog button:has-text('start now')").First.ClickAsync();

        // The page is opened once and never again: what ends is told to it.
        await page.GotoAsync(site + "/migrations?state=finished");
        await Assertions.Expect(page.Locator("table.grid td", new() { HasTextString = "Done" }).First).ToBeVisibleAsync(new() { Timeout = Guard });

        await WalkAsync(page, site);
        await page.GetByLabel("account of ops-1").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.WaitForURLAsync("**/sign-in**");
        Assert.Empty(complaints);
    }

    // Every page of the menu, in both themes, at a desk's and at a phone's width; pictures are kept under artifacts/screenshots.
    private static async Task WalkAsync(IPage page, string site)
    {
        var pictures = Directory.CreateDirectory(Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "screenshots"));
        var links = await page.Locator(".side-nav a").EvaluateAllAsync<string[]>("links => links.map(a => a.getAttribute('href')).filter(h => h !== '/jobs')");
        Assert.True(links.Length >= 10, $"The menu has {links.Length} pages.");
        foreach (var (scheme, width, height) in new[] { (ColorScheme.Dark, 1440, 900), (ColorScheme.Light, 1440, 900), (ColorScheme.Dark, 390, 844) })
        {
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            await page.SetViewportSizeAsync(width, height);
            foreach (var link in links)
            {
                await page.GotoAsync(site + link);
                await Assertions.Expect(page.Locator("h1")).ToHaveCountAsync(1, new() { Timeout = Guard });
                await Assertions.Expect(page.Locator(".face-loading")).ToHaveCountAsync(0, new() { Timeout = Guard });
                var name = (link.Trim('/').Length == 0 ? "overview" : link.Trim('/')) + (width < 1000 ? "-phone" : scheme == ColorScheme.Dark ? "-dark" : "-light");
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(pictures.FullName, name + ".png") });
                var faults = await page.EvaluateAsync<string[]>(Faults);
                Assert.True(faults.Length == 0, $"{name}: {string.Join("; ", faults)}");
            }
        }

        await page.SetViewportSizeAsync(1440, 900);
    }
}
