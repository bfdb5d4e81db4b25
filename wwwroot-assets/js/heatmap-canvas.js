// The heatmap's frame: its elements, fetching, and drawing on three stacked canvases. What pointer and keys do is in heatmap-reading.js and heatmap.js.
import { clock, dayAndClock } from "./time-axis.js";
import { nodeColour, onTheme } from "./tokens.js";
import { decode, mediaType, noData } from "./heatmap-frame.js";
import { gutter, layout } from "./heatmap-layout.js";
import { drawCells, drawFurniture, drawLegend, drawOverlay } from "./heatmap-draw.js";

export const make = (tag, name, parent) => parent.appendChild(Object.assign(document.createElement(tag), { className: name }));

export class HeatmapCanvas {
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
    const held = this.etag && this.url === url ? this.frame : null;
    if (held) headers["If-None-Match"] = this.etag;
    this.url = url;
    try {
      // Of a view that is shown already only the columns that changed are asked for.
      const answer = await fetch(held ? `${url}&after=${held.id}` : url, { headers, signal: this.abort.signal, cache: "no-store" });
      if (answer.status === 304) return;
      if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.detail ?? `The server answered ${answer.status}.`);
      const frame = decode(await answer.arrayBuffer(), held);
      this.etag = frame ? answer.headers.get("ETag") : null;
      if (!frame) return this.fetch();
      this.frame = frame;
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
    this.element.dataset.known = frame.cells.reduce((known, code) => known + (code === noData ? 0 : 1), 0);
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

  dispose() {
    for (const timer of [this.timer, this.later, this.resized, this.hovering, this.wheeling, this.brightening]) clearTimeout(timer);
    this.abort?.abort();
    this.observer.disconnect();
    this.stopTheme();
    document.removeEventListener("visibilitychange", this.onVisible);
    this.element.replaceChildren();
  }
}
