using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>The console in a browser, over the real control plane and its nodes: from the one-time link to a finished migration.</summary>
public sealed class ConsoleTests
{
    internal const string Browser = "/usr/bin/chromium";
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

    /// <summary>True when every chart and canvas of the page has been drawn: some pixel differs from the first one.</summary>
    private const string IsDrawn = """
        () => {
          const places = [...document.querySelectorAll(".chart, .strips, .hm-canvas, canvas.hm-cells")].filter((e) => e.checkVisibility());
          // A heatmap has been drawn when cells with data were: an empty frame is drawn too.
          const heat = document.querySelector(".heatmap");
          if (heat && heat.checkVisibility() && !(+heat.querySelector("[data-known]")?.dataset.known > 0 || +heat.dataset.known > 0)) return false;
          return places.every((place) => {
            const canvas = place.tagName === "CANVAS" ? place : place.querySelector("canvas");
            if (!canvas || !canvas.width) return false;
            const data = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
            return data.some((pixel) => pixel !== data[0]);
          });
        }
        """;

    /// <summary>What a screen reader, a keyboard or a narrow screen would trip over.</summary>
    internal const string Faults = """
        () => {
          const found = [];
          const shown = (e) => e.checkVisibility() && !e.closest("[aria-hidden=true]");
          const named = (e) => (e.getAttribute("aria-label") || e.getAttribute("title") || e.textContent || "").trim() || (e.labels && e.labels.length) || e.getAttribute("aria-labelledby");
          for (const e of document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea, [role=img], [role=application]")) if (shown(e) && !named(e) && !e.placeholder) found.push("no name: " + e.outerHTML.slice(0, 120));
          for (const e of document.querySelectorAll("button button, button a, a button, [role=button] button")) found.push("control inside a control: " + e.outerHTML.slice(0, 120));
          const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
          for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) found.push("id twice: " + id);
          for (const e of document.querySelectorAll("th")) if (shown(e) && !e.textContent.trim()) found.push("empty head of a column");
          if (document.documentElement.scrollWidth > innerWidth + 1) {
            const wide = [...document.querySelectorAll("body *")].filter((e) => shown(e) && e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map((e) => e.tagName + "." + e.className);
            found.push("scrolls sideways: " + document.documentElement.scrollWidth + " > " + innerWidth + " (" + wide.join(", ") + ")");
          }
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

        try
        {
            await UseAsync(page, console);
        }
        catch (Exception e) when (e is TimeoutException or PlaywrightException)
        {
            throw new TimeoutException($"{e.Message}\nat {page.Url}\n{string.Join('\n', complaints)}\n{await page.Locator("main").InnerTextAsync()}\n{console.Output}", e);
        }

        Assert.True(complaints.IsEmpty, string.Join('\n', complaints));
    }

    private static async Task UseAsync(IPage page, ConsoleProcess console)
    {
        await page.GotoAsync(console.SetupLink);
        await page.FillAsync("input[name=name]", "ops-1");
        await page.FillAsync("input[name=password]", "a long password 1");
        await page.ClickAsync("button[type=submit]");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Overview", new() { Timeout = Guard });

        var site = new Uri(console.SetupLink).GetLeftPart(UriPartial.Authority);
        await page.GotoAsync(site + "/heatmap");
        await page.WaitForFunctionAsync(AheadIsDrawn, null, new PageWaitForFunctionOptions { Timeout = Guard, PollingInterval = 500 });
        Assert.Equal(1, await page.Locator("canvas.hm-cells").CountAsync());

        while (!await ApproveAsync(page, site))
        {
        }

        // The page is opened once and never again: what ends is told to it.
        await page.GotoAsync(site + "/migrations?state=finished");
        await Assertions.Expect(page.Locator("table.grid td", new() { HasTextString = "Done" }).First).ToBeVisibleAsync(new() { Timeout = Guard });

        // The last day replayed under other choices, as an operation that the page follows.
        await page.GotoAsync(site + "/what-if");
        await page.Locator(".change .segmented button", new() { HasTextString = "24 h" }).ClickAsync();
        await page.Locator(".change button[type=submit]").ClickAsync();
        await Assertions.Expect(page.Locator(".outcomes .card")).ToHaveCountAsync(3, new() { Timeout = Guard });
        await WalkAsync(page, site, new Uri(page.Url).PathAndQuery);

        await page.Locator("button.avatar").ClickAsync();
        await page.GetByText("Sign out", new() { Exact = true }).First.ClickAsync();
        await page.WaitForURLAsync("**/sign-in**");
    }

    // False: a newer forecast overtook the plan while it was read, so the next one is reviewed, as an operator would.
    private static async Task<bool> ApproveAsync(IPage page, string site)
    {
        await page.GotoAsync(site + "/plans");
        await page.GetByText("Review plan").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        var plan = new Uri(page.Url).AbsolutePath;
        await page.Locator(".mud-dialog .btn.filled, .mud-dialog button:has-text('start now')").First.ClickAsync();
        var decided = await page.WaitForFunctionAsync(
            "async (plan) => { const state = (await (await fetch('/api/v1' + plan)).json()).summary.state; return state !== 'Proposed' && state; }", plan,
            new PageWaitForFunctionOptions { Timeout = Guard, PollingInterval = 500 });
        return await decided.JsonValueAsync<string>() is not ("Stale" or "Expired");
    }

    // All rules of axe, best practices too. What is still fading in would be judged by its colour of that moment, so animations are over first.
    private static async Task<IEnumerable<string>> AxeAsync(IPage page, string name)
    {
        await page.EvaluateAsync("() => Promise.all(document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime !== Infinity).map((a) => a.finished.catch(() => {})))");
        var result = await page.RunAxe();
        return result.Violations.SelectMany(v => v.Nodes.Select(n => $"{name}: axe {v.Id} ({v.Impact}): {v.Help}: {n.Html[..Math.Min(160, n.Html.Length)]}"));
    }

    // Every page of the menu and those behind it, in both themes, at a desk's and at a phone's width; pictures are kept under artifacts/screenshots. All faults are told at once.
    private static async Task WalkAsync(IPage page, string site, string replay)
    {
        var pictures = Directory.CreateDirectory(Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "screenshots"));
        var links = await page.Locator(".side-nav a").EvaluateAllAsync<string[]>("links => links.map(a => a.getAttribute('href')).filter(h => h !== '/jobs')");
        Assert.True(links.Length >= 10, $"The menu has {links.Length} pages.");
        await page.GotoAsync(site + "/plans");
        var plan = await page.Locator("a[href^='/plans/']").First.GetAttributeAsync("href");
        string[] all =
        [
            .. links, plan!, "/what-if", replay, "/fleet?view=members", "/settings?tab=policies", "/settings?tab=windows", "/settings?tab=notifications", "/access?tab=keys", "/heatmap?segment=3",
        ];
        var faults = new List<string>();
        foreach (var (scheme, width, height) in new[] { (ColorScheme.Dark, 1280, 800), (ColorScheme.Light, 1280, 800), (ColorScheme.Dark, 390, 844), (ColorScheme.Light, 390, 844) })
        {
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            await page.SetViewportSizeAsync(width, height);
            foreach (var link in all)
            {
                await page.GotoAsync(site + link);
                await Assertions.Expect(page.Locator("h1")).ToHaveCountAsync(1, new() { Timeout = Guard });
                await Assertions.Expect(page.Locator(".face-loading")).ToHaveCountAsync(0, new() { Timeout = Guard });
                await page.WaitForFunctionAsync(IsDrawn, null, new PageWaitForFunctionOptions { Timeout = Guard, PollingInterval = 250 });
                var path = link == plan ? "plan" : link == replay ? "what-if-replayed" : link.Trim('/').Length == 0 ? "overview" : link.Trim('/').Replace('?', '-').Replace('=', '-');
                var name = $"{path}-{(width < 1000 ? "phone-" : "")}{(scheme == ColorScheme.Dark ? "dark" : "light")}";
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(pictures.FullName, name + ".png") });
                faults.AddRange((await page.EvaluateAsync<string[]>(Faults)).Select(f => $"{name}: {f}"));
                faults.AddRange(await AxeAsync(page, name));
            }
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
        await page.SetViewportSizeAsync(1440, 900);
    }
}
