// Runs before the first paint: the theme, and the few things that pages ask the browser for. A plain script, so that nothing flashes.
(() => {
  const media = matchMedia("(prefers-color-scheme: light)");
  const key = "shardconsole.theme";
  const mode = () => { try { return localStorage.getItem(key) ?? "system"; } catch { return "system"; } };
  const dark = () => (mode() === "system" ? !media.matches : mode() === "dark");
  const apply = () => { document.documentElement.dataset.theme = dark() ? "dark" : "light"; };
  let page = null;
  apply();
  media.addEventListener("change", () => {
    apply();
    page?.invokeMethodAsync("OnSystemTheme", dark());
  });
  window.shardConsole = {
    start(layout) {
      page = layout;
      return { theme: mode(), dark: dark(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone, wide: innerWidth >= 960 };
    },
    setTheme(value) {
      try { localStorage.setItem(key, value); } catch { /* private window: the choice lasts as long as the page */ }
      apply();
      return dark();
    },
    save(name, type, text) {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([text], { type })), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
    async copy(text) {
      try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
    },
  };
})();
