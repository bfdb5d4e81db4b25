// The heatmap as a page uses it: pins, brush, zoom and keys over what can be read and drawn. One instance per element.
import { duration, span } from "./time-axis.js";
import { noData } from "./heatmap-frame.js";
import { columnEnd, columnStart, find } from "./heatmap-layout.js";
import { short } from "./heatmap-draw.js";
import { make } from "./heatmap-canvas.js";
import { HeatmapReading } from "./heatmap-reading.js";

export function create(element, page, options) { return new Heatmap(element, page, options); }

class Heatmap extends HeatmapReading {
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
}
