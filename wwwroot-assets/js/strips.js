// Shards over time as heat: one row per shard, its name and leader at the left, its peak at the right.
import { ticks } from "./time-axis.js";
import { fit, hatch, isDark, nodeColour, onTheme, ramp, sans, token } from "./tokens.js";

const rowHeight = 22;
const left = 82;
const right = 100;
const bottom = 26;

export function create(place) { return new Strips(place); }

class Strips {
  constructor(place) {
    this.place = place;
    this.canvas = place.appendChild(document.createElement("canvas"));
    this.canvas.setAttribute("role", "img");
    this.links = place.appendChild(document.createElement("div"));
    this.links.className = "strip-links";
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(place);
    this.stop = onTheme(() => this.draw());
  }

  show(model) {
    this.model = model;
    this.canvas.setAttribute("aria-label", model.words);
    this.links.replaceChildren(...(model.plain ? [] : model.rows).map((row) => {
      const link = document.createElement("a");
      link.href = row.link.slice(1);
      link.setAttribute("aria-label", `${row.name} on ${row.node}, peak ${row.peak} at ${row.at}`);
      link.title = `${row.name} on ${row.node}: peak ${row.peak} of its threshold at ${row.at}`;
      return link;
    }));
    this.draw();
  }

  draw() {
    const { model } = this;
    const width = this.place.clientWidth;
    if (!model || !width) return;
    const phone = width < 420;
    const [x0, x1] = model.plain ? [30, width] : [phone ? 48 : left, width - (phone ? 52 : right)];
    const height = model.rows.length * rowHeight;
    const pen = fit(this.canvas, width, height + bottom);
    const n = model.times.length;
    const edges = this.edges(x0, x1, n);
    const colours = ramp("heat");
    pen.textBaseline = "middle";
    model.rows.forEach((row, i) => {
      const y = i * rowHeight;
      pen.font = `${row.over ? 700 : 400} 12px ${sans}`;
      pen.fillStyle = token(row.over ? "text" : "text2");
      pen.textAlign = "left";
      pen.fillText(row.name, 0, y + 11);
      if (!phone && !model.plain) {
        pen.fillStyle = nodeColour(row.nodeIndex);
        pen.fillRect(40, y + 6, 9, 9);
        pen.fillStyle = token("text3");
        pen.fillText(row.node, 54, y + 11);
      }
      for (let c = 0; c < n; c++) {
        const v = row.values[c];
        const part = v == null ? -1 : Math.min(1, Math.log(1 + v * 6) / Math.log(1 + 1.4 * 6));
        const [r, g, b] = part < 0 ? [0, 0, 0] : colours[Math.round(part * 254)];
        pen.fillStyle = part < 0 ? token("bg") : `rgb(${r},${g},${b})`;
        pen.fillRect(edges[c], y + 1, edges[c + 1] - edges[c], rowHeight - 2);
      }
      if (model.plain) return;
      pen.textAlign = "right";
      pen.font = `${row.over ? 600 : 400} 12px ${sans}`;
      pen.fillStyle = token(row.over ? "warn" : "text2");
      pen.fillText(row.peak, phone ? width : width - 52, y + 11);
      if (!phone) {
        pen.fillStyle = token("text3");
        pen.font = `400 12px ${sans}`;
        pen.fillText(row.at, width, y + 11);
      }
    });
    const now = edges[Math.min(model.firstForecast, n)];
    if (model.plain) return this.axis(pen, edges, Number.POSITIVE_INFINITY, height, x1);
    pen.save();
    pen.translate(now, 0);
    pen.fillStyle = hatch(pen);
    pen.fillRect(0, 1, x1 - now, height - 2);
    pen.restore();
    pen.fillStyle = isDark() ? "#FFFFFF" : token("text");
    pen.fillRect(now - 1, 0, 2, height + 4);
    this.axis(pen, edges, now, height, x1);
    [...this.links.children].forEach((link, i) => { link.style.top = `${i * rowHeight}px`; });
  }

  // Forecast steps differ in length: columns are as wide as their time.
  edges(x0, x1, n) {
    const { times } = this.model;
    const last = n > 1 ? times[n - 1] + (times[n - 1] - times[n - 2]) : (times[0] ?? 0) + 1;
    const span = Math.max(1, last - (times[0] ?? 0));
    this.toX = (ms) => x0 + ((ms - times[0]) / span) * (x1 - x0);
    return Array.from({ length: n + 1 }, (_, i) => Math.round(i === n ? x1 : this.toX(times[i])));
  }

  axis(pen, edges, now, height, x1) {
    const { times } = this.model;
    if (times.length === 0) return;
    pen.textAlign = "center";
    pen.font = `400 11px ${sans}`;
    for (const tick of ticks(times[0], times.at(-1), this.toX, 62)) {
      if (Math.abs(tick.x - now) < 40 || tick.x > x1 - 12) continue;
      pen.fillStyle = token("text3");
      pen.fillText(tick.text, tick.x, height + 15);
    }
    if (this.model.plain) return;
    pen.fillStyle = token("text");
    pen.font = `600 11px ${sans}`;
    pen.fillText("now", now, height + 15);
    if (x1 < this.place.clientWidth - 60) {
      pen.textAlign = "right";
      pen.fillStyle = token("text3");
      pen.font = `400 11px ${sans}`;
      pen.fillText("peak", this.place.clientWidth - 52, height + 15);
      pen.fillText("at", this.place.clientWidth, height + 15);
    }
  }

  dispose() {
    this.observer.disconnect();
    this.stop();
    this.place.replaceChildren();
  }
}

