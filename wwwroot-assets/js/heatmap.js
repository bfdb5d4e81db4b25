// The heatmap: fetches frames, draws them on three stacked canvases, and answers pointer and keys. One instance per element.
import { clock, dayAndClock, duration, span } from "./time-axis.js";
import { nodeColour, onTheme, ramp, token } from "./tokens.js";
import { colours, decode, mediaType, noData, value } from "./heatmap-frame.js";
import { columnEnd, columnStart, find, gutter, layout } from "./heatmap-layout.js";
import { drawCells, drawFurniture, drawLegend, drawOverlay, short } from "./heatmap-draw.js";

export function create(element, page, options) { return new Heatmap(element, page, options); }

const make = (tag, name, parent) => parent.appendChild(Object.assign(document.createElement(tag), { className: name }));

class Heatmap {
  constructor(element, page, options) {
    Object.assign(this, { element, page, view: options, pins: [], cell: null, brush: null, pending: 0, wheel: null });
    this.build();
    this.observer = new ResizeObserver(() => this.onResize());
    this.observer.observe(this.map);
    this.stopTheme = onTheme(() => this.redraw());
    this.onVisible = () => { if (!document.hidden) this.fetch(); };
    document.addEventListener("visibilitychange", this.onVisible);
    this.timer = setInterval(() => this.fetch(), 10000);
  }

  build() {
    const head = make("div", "hm-head", this.element);
    this.title = make("span", "hm-title", head);
    this.legend = make("canvas", "hm-legend", head);
    this.unit = make("span", "hm-unit", head);
    make("span", "grow", head);
    const label = make("label", "hm-brightness", head);
    label.append("Brightness");
    this.slider = make("input", "", label);
    Object.assign(this.slider, { type: "range", min: -6, max: 6, step: 1, value: this.view.brightness });
    this.sliderValue = make("output", "", label);
    this.nodes = make("span", "hm-nodes", head);
    this.map = make("div", "hm-map", this.element);
    this.map.tabIndex = 0;
    this.map.setAttribute("role", "application");
    this.map.setAttribute("aria-roledescription", "heatmap");
    this.cells = make("canvas", "hm-cells", this.map);
    this.furniture = make("canvas", "hm-layer", this.map);
    this.overlay = make("canvas", "hm-layer", this.map);
    this.tip = make("div", "hm-tip", this.map);
    this.tip.hidden = true;
    this.bar = make("div", "hm-bar", this.map);
    this.bar.hidden = true;
    this.message = make("div", "hm-message", this.map);
    this.message.textContent = "Loading the heatmap";
    this.spoken = make("div", "sr-only", this.element);
    this.spoken.setAttribute("aria-live", "polite");
    this.slider.addEventListener("input", () => this.setBrightness(+this.slider.value));
    this.slider.addEventListener("dblclick", () => this.setBrightness(0));
    this.map.addEventListener("pointermove", (e) => this.onMove(e));
    this.map.addEventListener("pointerdown", (e) => this.onDown(e));
    this.map.addEventListener("pointerup", (e) => this.onUp(e));
    this.map.addEventListener("pointerleave", () => { if (!this.drag) this.leave(); });
    this.map.addEventListener("dblclick", () => this.page.invokeMethodAsync("ZoomOut"));
    this.map.addEventListener("wheel", (e) => this.onWheel(e), { passive: false });
    this.map.addEventListener("keydown", (e) => this.onKey(e));
    this.map.addEventListener("blur", () => this.leave());
  }

  // Shows another view: { query, brightness, zoom: {t0, t1} or null, brushing, title }.
  show(view) {
    const same = this.view.query === view.query;
    this.view = view;
    this.slider.value = view.brightness;
    this.bar.hidden = true;
    this.brush = null;
    if (!same) this.etag = null;
    this.fetch();
    this.redraw();
  }

  // The cluster says that there is something newer.
  refresh() {
    const wait = 2000 - (performance.now() - (this.fetched ?? -1e9));
    if (wait <= 0) this.fetch();
    else if (!this.later) this.later = setTimeout(() => { this.later = null; this.fetch(); }, wait);
  }

  async fetch() {
    if (document.hidden || !this.map.clientHeight) return;
    this.fetched = performance.now();
    const place = Math.max(40, Math.floor((this.map.clientHeight - gutter.top - gutter.bottom) * (window.devicePixelRatio || 1)));
    const url = `${document.baseURI.replace(/\/$/, "")}/api/v1/heatmap${this.view.query}${this.view.query ? "&" : "?"}height=${Math.min(2048, place)}`;
    this.abort?.abort();
    this.abort = new AbortController();
    const headers = { Accept: mediaType };
    if (this.etag && this.url === url) headers["If-None-Match"] = this.etag;
    this.url = url;
    try {
      const answer = await fetch(url, { headers, signal: this.abort.signal, cache: "no-store" });
      if (answer.status === 304) return;
      if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.detail ?? `The server answered ${answer.status}.`);
      this.etag = answer.headers.get("ETag");
      this.frame = decode(await answer.arrayBuffer());
      this.message.hidden = true;
      this.redraw();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.etag = null;
      this.fail(error.message);
    }
  }

  fail(text) {
    this.message.hidden = false;
    this.message.replaceChildren(Object.assign(document.createElement("p"), { textContent: text }));
    const retry = make("button", "btn", this.message);
    retry.textContent = "Retry";
    retry.onclick = () => this.fetch();
  }

  onResize() {
    this.redraw();
    clearTimeout(this.resized);
    this.resized = setTimeout(() => this.fetch(), 200);
  }

  redraw() {
    if (this.queued || !this.frame) return;
    this.queued = requestAnimationFrame(() => { this.queued = 0; this.draw(); });
  }

  draw() {
    const { frame, view } = this;
    this.place = layout(frame, this.map.clientWidth, this.map.clientHeight, Boolean(view.zoom), view.zoom);
    this.title.textContent = `${frame.marks.metric} per ${{ Segments: "segment", Shards: "shard", Nodes: "node" }[frame.marks.rows]}`;
    this.unit.textContent = frame.marks.unit;
    this.sliderValue.textContent = view.brightness > 0 ? `+${view.brightness}` : view.brightness < 0 ? `−${-view.brightness}` : "0";
    this.nodes.replaceChildren(...frame.marks.nodes.map((node, i) => {
      const item = document.createElement("span");
      make("i", "dot", item).style.background = nodeColour(i);
      item.append(node.name);
      return item;
    }));
    drawLegend(this.legend, frame, view.brightness);
    drawCells(this.cells, frame, this.place, view.brightness);
    drawFurniture(this.furniture, frame, this.place, (v) => this.amount(v));
    if (this.cell && (this.cell.r >= frame.rows || this.cell.c >= frame.columns)) this.cell = null;
    this.placePins();
    this.drawTop();
    this.map.setAttribute("aria-label", this.summary());
    this.element.dataset.sequence = frame.sequence;
  }

  summary() {
    const { frame } = this;
    const hot = frame.marks.hot.map((s) => `${s.shard} passes its threshold at ${clock(s.crossesAt)}, peak ${Math.round(s.peakRatio * 100)} % at ${clock(s.peakAt)}`);
    return `${this.title.textContent}, ${frame.rows} rows, from ${dayAndClock(frame.start[0] ?? frame.now)} to ${dayAndClock((frame.start.at(-1) ?? frame.now) + (frame.span.at(-1) ?? 0) * 1000)}. ${hot.length ? hot.join(". ") : "No predicted hot spot"}. Arrow keys read the cells; t shows a table.`;
  }

  drawTop() {
    if (!this.frame || !this.place) return;
    const words = this.cell && { time: this.timeWords(this.cell.c), row: String(this.rowWord(this.cell.r)) };
    drawOverlay(this.overlay, this.frame, this.place, { cell: this.cell, pins: this.pinned ?? [], brush: this.brush, words });
  }

  timeWords(c) {
    const { frame } = this;
    return frame.span[c] <= 60 ? clock(frame.start[c]) : `${clock(columnStart(frame, c))}–${clock(columnEnd(frame, c))}`;
  }

  rowWord(r) {
    const { marks, segment, shard, leader } = this.frame;
    if (marks.rows === "Nodes") return marks.nodes[leader[r]]?.name ?? "none";
    if (marks.rows === "Shards") return this.shardName(shard[r]);
    return marks.order === "Keyspace" ? segment[r] * marks.slotsPerSegment : segment[r];
  }

  shardName(shard) { return `s-${String(shard).padStart(2, "0")}`; }

  amount(v) {
    if (!Number.isFinite(v)) return "–";
    const { unit } = this.frame.marks;
    if (unit === "mcore" && Math.abs(v) >= 999.5) return `${+(v / 1000).toPrecision(3)} cores`;
    return `${short(v)} ${unit}`.replace("-", "−");
  }

  // ---- the cell under pointer or cursor

  at(e) {
    const box = this.map.getBoundingClientRect();
    const { plot, X, Y } = this.place;
    return { c: find(X, e.clientX - box.left - plot.x), r: find(Y, e.clientY - box.top - plot.y) };
  }

  onMove(e) {
    if (!this.place) return;
    const cell = this.at(e);
    if (this.drag) return this.onDrag(cell, e);
    const inside = cell.c >= 0 && cell.r >= 0 && (e.target === this.overlay || e.target === this.map);
    if (!inside) return this.leave();
    if (this.cell && this.cell.c === cell.c && this.cell.r === cell.r) return;
    this.setCell(cell);
    clearTimeout(this.hovering);
    this.hovering = setTimeout(() => this.showTip(), 30);
  }

  setCell(cell) {
    this.cell = cell;
    cancelAnimationFrame(this.top);
    this.top = requestAnimationFrame(() => this.drawTop());
  }

  leave() {
    clearTimeout(this.hovering);
    this.tip.hidden = true;
    if (this.cell) this.setCell(null);
  }

  facts({ c, r }) {
    const { frame } = this;
    const code = frame.cells[c * frame.rows + r];
    const f = c - frame.first;
    const band = f >= 0 && frame.low.length > f * frame.rows + r ? [frame.low, frame.high].map((a) => value(frame, a[f * frame.rows + r])) : null;
    const yesterday = this.columnAt(frame.start[c] + (frame.span[c] * 500) - 86400000);
    return {
      code, band, v: value(frame, code), segment: frame.segment[r], count: frame.count[r], shard: frame.shard[r], leader: frame.leader[r],
      before: yesterday >= 0 && frame.mode !== 1 ? value(frame, frame.cells[yesterday * frame.rows + r]) : NaN,
      spot: frame.marks.hot.find((s) => c >= s.column0 && c <= s.column1 && this.shardName(frame.shard[r]) === s.shard),
      move: frame.marks.moved.find((m) => r >= m.row0 && r <= m.row1),
    };
  }

  columnAt(ms) {
    const { frame } = this;
    for (let c = Math.min(frame.first, frame.columns) - 1; c >= 0; c--) {
      if (frame.start[c] <= ms) return ms < frame.start[c] + frame.span[c] * 1000 ? c : -1;
    }
    return -1;
  }

  rowSegments(r) { return this.frame.segments.slice(this.frame.firstOf[r], this.frame.firstOf[r + 1]); }

  showTip() {
    if (!this.cell || !this.frame) return;
    const { frame, tip } = this;
    const facts = this.facts(this.cell);
    const slots = frame.marks.slotsPerSegment;
    const node = frame.marks.nodes[facts.leader]?.name ?? "none";
    tip.replaceChildren();
    const head = make("div", "hm-tip-head", tip);
    const [red, green, blue] = facts.code === noData ? [0, 0, 0] : this.colourOf(facts.code);
    make("i", "swatch", head).style.background = facts.code === noData ? token("bg") : `rgb(${red},${green},${blue})`;
    make("b", "", head).textContent = facts.code === noData ? "no data" : this.amount(facts.v);
    const kind = make("span", frame.kind[this.cell.c] ? "chip forecast" : "chip", head);
    kind.textContent = frame.mode === 1 ? "more or less than forecast" : frame.kind[this.cell.c] ? "forecast" : "measured";
    const list = make("dl", "", tip);
    const row = (name, text, tone) => {
      make("dt", "", list).textContent = name;
      const dd = make("dd", tone ?? "", list);
      dd.append(text);
      return dd;
    };
    row("Time", span(columnStart(frame, this.cell.c), (columnEnd(frame, this.cell.c) - columnStart(frame, this.cell.c)) / 1000));
    if (facts.band) row("80 % band", `${short(facts.band[0])} – ${short(facts.band[1])}`);
    if (Number.isFinite(facts.before)) row("Same time yesterday", this.amount(facts.before));
    if (frame.marks.rows !== "Segments") row("Segments", String(facts.count));
    else if (facts.count === 1) row("Segment", `${facts.segment} · slots ${facts.segment * slots}–${facts.segment * slots + slots - 1}`);
    else row("Segments", `${this.listed(this.rowSegments(this.cell.r))}, the highest of ${facts.count}`);
    const owner = row("Shard, leader", frame.marks.rows === "Nodes" ? "" : `${this.shardName(facts.shard)} · `);
    make("i", "dot", owner).style.background = nodeColour(facts.leader);
    owner.append(node + (facts.move ? `, was ${facts.move.from}` : ""));
    if (facts.spot) row("Hot spot", `passes ${clock(facts.spot.crossesAt)}, peak ${Math.round(facts.spot.peakRatio * 100)} %`, "warn");
    if (facts.move && frame.marks.plan) row(`Plan ${frame.marks.plan}`, `moves to ${facts.move.to}`, "after");
    const foot = make("div", "hm-tip-foot", tip);
    make("span", "", foot).textContent = "Click to pin";
    const keys = make("span", "", foot);
    for (const [key, text] of [["Enter", "open"], ["P", "plan for these"]]) {
      make("kbd", "", keys).textContent = key;
      keys.append(` ${text} `);
    }
    tip.hidden = false;
    this.placeTip();
  }

  colourOf(code) {
    this.table = colours(this.frame, ramp(this.frame.mode === 1 ? "error" : "heat"), this.view.brightness, 0);
    const word = this.table[code];
    return [word & 255, (word >> 8) & 255, (word >> 16) & 255];
  }

  // Beside the cell, never over it.
  placeTip() {
    const { plot, X, Y } = this.place;
    const { c, r } = this.cell;
    const [w, h] = [this.tip.offsetWidth, this.tip.offsetHeight];
    const right = plot.x + X[c + 1] + 14;
    const left = plot.x + X[c] - 14 - w;
    const x = right + w < this.place.width ? right : Math.max(0, left);
    const y = Math.max(0, Math.min(this.place.height - h - 4, plot.y + Y[r] + 12));
    this.tip.style.left = `${x}px`;
    this.tip.style.top = `${y}px`;
  }

  listed(segments) {
    const sorted = [...segments].sort((a, b) => a - b);
    const contiguous = sorted.at(-1) - sorted[0] === sorted.length - 1;
    return contiguous && sorted.length > 1 ? `${sorted[0]}–${sorted.at(-1)}` : sorted.slice(0, 4).join(", ") + (sorted.length > 4 ? " …" : "");
  }

  // ---- pins, brush, zoom

  placePins() {
    this.pinned = this.pins.map(({ segment, ms }) => ({ r: this.frame.rowOf.get(segment) ?? -1, c: this.columnOf(ms) })).filter((p) => p.r >= 0 && p.c >= 0);
  }

  columnOf(ms) {
    for (let c = this.frame.columns - 1; c >= 0; c--) if (columnStart(this.frame, c) <= ms) return ms < columnEnd(this.frame, c) ? c : -1;
    return -1;
  }

  pin(cell) {
    const segment = this.frame.segment[cell.r];
    const ms = columnStart(this.frame, cell.c);
    const already = this.pins.findIndex((p) => p.segment === segment && p.ms === ms);
    if (already >= 0) this.pins.splice(already, 1);
    else this.pins = [...this.pins.slice(-1), { segment, ms }];
    this.placePins();
    this.drawTop();
    const facts = this.facts(cell);
    this.page.invokeMethodAsync("Pinned", this.pins.map((p) => `${p.segment}@${p.ms}`).join(","), this.comparison(facts));
  }

  // With two pins: how the second compares with the first.
  comparison(facts) {
    if (this.pinned.length === 2) {
      const [a, b] = this.pinned.map((p) => this.facts(p).v);
      if (Number.isFinite(a) && Number.isFinite(b)) return `${this.amount(a)} and ${this.amount(b)}: ${a > 0 ? `× ${short(b / a)}` : "–"}`;
    }
    return facts.code === noData ? "no data" : this.amount(facts.v);
  }

  onDown(e) {
    if (e.button !== 0 || !this.place || e.target !== this.overlay) return;
    const cell = this.at(e);
    if (cell.c < 0 || cell.r < 0) return;
    this.drag = { from: cell, x: e.clientX, y: e.clientY, pan: Boolean(this.view.zoom) && !e.shiftKey && !this.view.brushing };
    this.map.setPointerCapture(e.pointerId);
  }

  clampCell(cell, e) {
    const box = this.map.getBoundingClientRect();
    const { plot } = this.place;
    const x = Math.max(0, Math.min(plot.w - 1, e.clientX - box.left - plot.x));
    const y = Math.max(0, Math.min(plot.h - 1, e.clientY - box.top - plot.y));
    return { c: find(this.place.X, x), r: find(this.place.Y, y) };
  }

  onDrag(_, e) {
    if (Math.hypot(e.clientX - this.drag.x, e.clientY - this.drag.y) < 4) return;
    this.drag.moved = true;
    this.tip.hidden = true;
    if (this.drag.pan) return;
    const to = this.clampCell(null, e);
    const { from } = this.drag;
    this.cell = null;
    this.brush = { c0: Math.min(from.c, to.c), c1: Math.max(from.c, to.c), r0: Math.min(from.r, to.r), r1: Math.max(from.r, to.r) };
    this.drawTop();
  }

  onUp(e) {
    const { drag } = this;
    this.drag = null;
    if (!drag) return;
    if (!drag.moved) return this.pin(drag.from);
    if (!drag.pan) return this.showBar();
    const { t0, t1 } = this.view.zoom;
    const shift = ((drag.x - e.clientX) / this.place.plot.w) * (t1 - t0);
    this.zoomTo(t0 + shift, t1 + shift, this.range().s0, this.range().s1);
  }

  range() {
    const { zoom } = this.view;
    return { s0: zoom?.s0 ?? 0, s1: zoom?.s1 ?? -1 };
  }

  brushed() {
    const { c0, c1, r0, r1 } = this.brush;
    const segments = this.frame.segments.slice(this.frame.firstOf[r0], this.frame.firstOf[r1 + 1]);
    return { segments, t0: columnStart(this.frame, c0), t1: columnEnd(this.frame, c1), s0: Math.min(...segments), s1: Math.max(...segments) };
  }

  showBar() {
    if (!this.brush) return;
    const chosen = this.brushed();
    this.bar.replaceChildren();
    make("b", "", this.bar).textContent = `${chosen.segments.length} segment${chosen.segments.length === 1 ? "" : "s"} · ${duration((chosen.t1 - chosen.t0) / 1000)}`;
    const button = (text, action, name = "btn") => {
      const item = make("button", name, this.bar);
      item.type = "button";
      item.textContent = text;
      item.onclick = () => { this.bar.hidden = true; this.brush = null; this.drawTop(); action(); };
    };
    button("Zoom", () => this.zoomTo(chosen.t0, chosen.t1, chosen.s0, chosen.s1), "btn filled");
    button("Open", () => this.page.invokeMethodAsync("Open", chosen.segments[0]));
    if (this.view.canPlan) button("Plan for these", () => this.page.invokeMethodAsync("PlanFor", [...chosen.segments]));
    button("Copy", () => navigator.clipboard?.writeText(chosen.segments.join(" ")));
    button("Cancel", () => {});
    this.bar.hidden = false;
    this.bar.querySelector("button").focus();
  }

  zoomTo(t0, t1, s0, s1) { this.page.invokeMethodAsync("ZoomTo", Math.round(t0), Math.round(t1), s0, s1); }

  onWheel(e) {
    if (!this.place || !this.frame || this.frame.columns === 0) return;
    const cell = this.at(e);
    if (cell.c < 0 || cell.r < 0) return;
    e.preventDefault();
    const delta = e.deltaY || e.deltaX;
    const full = { t0: this.frame.start[0], t1: this.frame.start.at(-1) + this.frame.span.at(-1) * 1000 };
    this.wheel ??= { ...(this.view.zoom ?? full), s: [...this.rowRange()] };
    const k = delta > 0 ? 1.25 : 0.8;
    if (e.shiftKey) {
      const about = this.frame.segment[cell.r];
      const total = this.frame.marks.segments - 1;
      this.wheel.s = [Math.max(0, Math.round(about - (about - this.wheel.s[0]) * k)), Math.min(total, Math.round(about + (this.wheel.s[1] - about) * k))];
    } else {
      const about = columnStart(this.frame, cell.c);
      this.wheel.t0 = about - (about - this.wheel.t0) * k;
      this.wheel.t1 = about + (this.wheel.t1 - about) * k;
    }
    clearTimeout(this.wheeling);
    this.wheeling = setTimeout(() => {
      const w = this.wheel;
      this.wheel = null;
      if (w.t1 - w.t0 >= 60000) this.zoomTo(w.t0, w.t1, w.s[0], w.s[1] >= this.frame.marks.segments - 1 ? -1 : w.s[1]);
    }, 160);
  }

  rowRange() {
    const { s0, s1 } = this.range();
    return [s0, s1 < 0 ? this.frame.marks.segments - 1 : s1];
  }

  // ---- keys

  onKey(e) {
    if (!this.frame || e.ctrlKey || e.metaKey || e.altKey || e.target !== this.map) return;
    const { frame } = this;
    const cell = this.cell ?? { c: Math.min(frame.first, frame.columns - 1), r: 0 };
    const by = e.shiftKey ? 10 : 1;
    const go = (c, r) => this.moveTo({ c: Math.max(0, Math.min(frame.columns - 1, c)), r: Math.max(0, Math.min(frame.rows - 1, r)) });
    const actions = {
      ArrowLeft: () => go(cell.c - by, cell.r), ArrowRight: () => go(cell.c + by, cell.r),
      ArrowUp: () => go(cell.c, cell.r - by), ArrowDown: () => go(cell.c, cell.r + by),
      Home: () => go(0, cell.r), End: () => go(frame.columns - 1, cell.r),
      n: () => go(frame.first, cell.r), h: () => this.nextHotSpot(), " ": () => this.pin(cell),
      Enter: () => this.page.invokeMethodAsync("Open", frame.segment[cell.r]),
      p: () => this.view.canPlan && this.page.invokeMethodAsync("PlanFor", [...this.rowSegments(cell.r)]),
      "+": () => this.keyZoom(cell, 0.5), "-": () => this.keyZoom(cell, 2), 0: () => this.page.invokeMethodAsync("ResetZoom"),
      "[": () => this.setBrightness(this.view.brightness - 1), "]": () => this.setBrightness(this.view.brightness + 1),
      Escape: () => { this.bar.hidden = true; this.brush = null; this.leave(); },
    };
    if (!actions[e.key]) return;
    e.preventDefault();
    e.stopPropagation();
    actions[e.key]();
  }

  moveTo(cell) {
    this.setCell(cell);
    this.showTip();
    const { frame } = this;
    const f = this.facts(cell);
    const node = frame.marks.nodes[f.leader]?.name ?? "nobody";
    const band = f.band ? `, between ${short(f.band[0])} and ${short(f.band[1])}` : "";
    this.spoken.textContent = `Segment ${f.segment}, ${this.shardName(f.shard)} on ${node}, ${span(columnStart(frame, cell.c), frame.span[cell.c])}, ${frame.kind[cell.c] ? "forecast" : "measured"} ${f.code === noData ? "no data" : this.amount(f.v)}${band}.`;
  }

  nextHotSpot() {
    const { hot } = this.frame.marks;
    if (hot.length === 0) return;
    this.spot = ((this.spot ?? -1) + 1) % hot.length;
    const spot = hot[this.spot];
    this.moveTo({ c: (spot.column0 + spot.column1) >> 1, r: (spot.row0 + spot.row1) >> 1 });
  }

  keyZoom(cell, k) {
    const full = { t0: this.frame.start[0], t1: this.frame.start.at(-1) + this.frame.span.at(-1) * 1000 };
    const { t0, t1 } = this.view.zoom ?? full;
    const about = columnStart(this.frame, cell.c);
    this.zoomTo(about - (about - t0) * k, about + (t1 - about) * k, this.range().s0, this.range().s1);
  }

  setBrightness(b) {
    this.view.brightness = Math.max(-6, Math.min(6, b));
    this.slider.value = this.view.brightness;
    this.redraw();
    clearTimeout(this.brightening);
    this.brightening = setTimeout(() => this.page.invokeMethodAsync("Brightened", this.view.brightness), 400);
  }

  dispose() {
    for (const timer of [this.timer, this.later, this.resized, this.hovering, this.wheeling, this.brightening]) clearTimeout(timer);
    this.abort?.abort();
    this.observer.disconnect();
    this.stopTheme();
    document.removeEventListener("visibilitychange", this.onVisible);
    this.element.replaceChildren();
  }
}
