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

        await page.Locator("button.avatar").ClickAsync();
        await page.GetByText("Sign out", new() { Exact = true }).First.ClickAsync();
        await page.WaitForURLAsync("**/sign-in**");
        Assert.Empty(complaints);
    }
}
