// Reading the heatmap: the cell under pointer or cursor, its facts, its words and the tip beside it.
import { clock, span } from "./time-axis.js";
import { nodeColour, ramp, token } from "./tokens.js";
import { colours, noData, value } from "./heatmap-frame.js";
import { columnEnd, columnStart, find } from "./heatmap-layout.js";
import { short } from "./heatmap-draw.js";
import { HeatmapCanvas, make } from "./heatmap-canvas.js";

export class HeatmapReading extends HeatmapCanvas {
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
}
