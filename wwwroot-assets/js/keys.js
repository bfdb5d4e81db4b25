// Single keys and sequences ("g h"), off inside inputs. The layout decides what they mean.
let page = null;
let before = "";
let forget = 0;

const typing = (target) => target instanceof Element && (target.closest("input, textarea, select, [contenteditable], .mud-dialog") !== null);

// Arrows, Home and End inside an open menu.
function inMenu(e) {
  const items = [...e.target.closest('[role="menu"]').querySelectorAll('[role^="menuitem"]')];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[e.key];
  if (to === undefined || items.length === 0) return;
  e.preventDefault();
  items[(to + items.length) % items.length].focus();
}

function onKey(e) {
  if (e.target instanceof Element && e.target.closest('[role="menu"]')) return inMenu(e);
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") return search(e);
  if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || e.defaultPrevented) return;
  if (e.key === "/") return search(e);
  if (e.key === "j" || e.key === "k") return moveRow(e.key === "j" ? 1 : -1);
  if (e.key.length !== 1) return;
  clearTimeout(forget);
  if (before === "g") {
    before = "";
    return page.invokeMethodAsync("OnKey", `g ${e.key}`);
  }
  if (e.key === "g") {
    before = "g";
    forget = setTimeout(() => { before = ""; }, 1200);
    return;
  }
  page.invokeMethodAsync("OnKey", e.key);
}

function search(e) {
  e.preventDefault();
  const field = document.querySelector(".search input");
  field?.focus();
  field?.select();
}

function moveRow(by) {
  const rows = [...document.querySelectorAll("main table.grid tbody tr[tabindex], main .mud-table-body tr")];
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement);
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
  row.tabIndex = 0;
  row.focus();
}

export function start(layout) {
  page = layout;
  document.addEventListener("keydown", onKey);
}

export function stop() { document.removeEventListener("keydown", onKey); }
