// Draws a frame: cells (one image), furniture (labels, stripes, sums, marks) and the overlay (crosshair, brush, pins).
import { clock, ticks } from "./time-axis.js";
import { fade, fit, hatch, isDark, nodeColour, ramp, sans, token } from "./tokens.js";
import { colours, noData, value, word } from "./heatmap-frame.js";
import { gutter, timeToX } from "./heatmap-layout.js";

export function drawCells(canvas, frame, place, brightness) {
  const { plot, X, Y } = place;
  const context = fit(canvas, plot.w, plot.h);
  canvas.style.left = `${plot.x}px`;
  canvas.style.top = `${plot.y}px`;
  const page = word(token("bg"));
  const mark = word(token("text3"));
  const table = colours(frame, ramp(frame.mode === 1 ? "error" : "heat"), brightness, page);
  const [w, h] = [canvas.width, canvas.height];
  const ratio = { x: w / plot.w, y: h / plot.h };
  const image = context.createImageData(w, h);
  const pixels = new Uint32Array(image.data.buffer);
  const left = Int32Array.from(X, (x) => Math.round(x * ratio.x));
  const line = new Uint32Array(w);
  for (let r = 0; r < frame.rows; r++) {
    const [y0, y1] = [Math.round(Y[r] * ratio.y), Math.round(Y[r + 1] * ratio.y)];
    const gaps = [];
    for (let c = 0; c < frame.columns; c++) {
      const code = frame.cells[c * frame.rows + r];
      line.fill(table[code], left[c], left[c + 1]);
      if (code === noData) gaps.push(c);
    }
    for (let y = y0; y < y1; y++) {
      pixels.set(line, y * w);
      for (const c of gaps) for (let x = left[c]; x < left[c + 1]; x++) if ((x + y) % 5 === 0) pixels[y * w + x] = mark;
    }
  }
  context.putImageData(image, 0, 0);
}

function pill(context, text, x, y, { fill, ink, align = "center", bold = true, right = Infinity, left = -Infinity }) {
  context.font = `${bold ? 600 : 500} 11px ${sans}`;
  const w = context.measureText(text).width + 14;
  const at = Math.max(left, Math.min(right - w, align === "center" ? x - w / 2 : align === "right" ? x - w : x));
  context.fillStyle = fill;
  context.beginPath();
  context.roundRect(at, y, w, 18, 4);
  context.fill();
  context.fillStyle = ink;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(text, at + 7, y + 9.5);
  return { x: at, y, w, h: 18 };
}

export function drawFurniture(canvas, frame, place, showUnit) {
  const context = fit(canvas, place.width, place.height);
  const { plot, X } = place;
  context.textBaseline = "middle";
  tierRuler(context, frame, place);
  stripe(context, frame, place);
  rowLabels(context, frame, place);
  rowSums(context, frame, place);
  columnSums(context, frame, place, showUnit);
  axis(context, frame, place);
  if (frame.first < frame.columns) {
    const x = plot.x + X[frame.first];
    context.save();
    context.translate(x, plot.y);
    context.fillStyle = hatch(context);
    context.fillRect(0, 0, plot.w - X[frame.first], plot.h);
    context.restore();
  }
  moved(context, frame, place);
  hotSpots(context, frame, place);
  nowLine(context, frame, place);
  const dark = isDark();
  const ground = { fill: dark ? "rgba(10,13,18,.82)" : "rgba(255,255,255,.88)", bold: false };
  if (frame.mode === 1) {
    pill(context, "measured − forecast: blue less came, amber more", plot.x + 6, plot.y + plot.h - 24, { ...ground, ink: token("text2"), align: "left" });
  } else {
    if (frame.first > 0) pill(context, "measured", plot.x + 6, plot.y + plot.h - 24, { ...ground, ink: token("text2"), align: "left" });
    if (frame.first < frame.columns) pill(context, "forecast, median", plot.x + plot.w - 6, plot.y + plot.h - 24, { ...ground, ink: token("forecast"), align: "right" });
  }
}

const stepName = (seconds) => (seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`);

function tierRuler(context, frame, { plot, X }) {
  for (let c = 0; c < frame.columns;) {
    let end = c + 1;
    while (end < frame.columns && frame.tier[end] === frame.tier[c] && frame.kind[end] === frame.kind[c]) end++;
    const [x0, x1] = [plot.x + X[c], plot.x + X[end]];
    const ahead = frame.kind[c] === 1;
    context.fillStyle = token(ahead ? "forecast" : "line-input");
    context.fillRect(x0 + 1, plot.y - 4, Math.max(1, x1 - x0 - 2), ahead ? 2 : 1);
    const long = `${stepName(frame.span[c])} per column`;
    context.font = `11px ${sans}`;
    const text = context.measureText(long).width < x1 - x0 - 30 && (c === 0 || end === frame.columns) ? long : stepName(frame.span[c]);
    if (context.measureText(text).width < x1 - x0 - 4) {
      context.fillStyle = token(ahead ? "forecast" : "text3");
      context.textAlign = "center";
      context.fillText(text, (x0 + x1) / 2, plot.y - 13);
    }
    c = end;
  }
  context.fillStyle = token("text3");
  context.textAlign = "left";
  context.fillText("per row", plot.x + plot.w + 8, plot.y - 13);
}

function stripe(context, frame, { plot, Y }) {
  for (let r = 0; r < frame.rows;) {
    let end = r + 1;
    while (end < frame.rows && frame.leader[end] === frame.leader[r] && frame.shard[end] === frame.shard[r]) end++;
    const h = Y[end] - Y[r];
    context.fillStyle = nodeColour(frame.leader[r]);
    context.fillRect(plot.x - 15, plot.y + Y[r], 11, h > 3 ? h - 1 : h);
    r = end;
  }
}

// Runs of rows with the same key: [first, end, key].
function runs(frame, key) {
  const found = [];
  for (let r = 0; r < frame.rows;) {
    let end = r + 1;
    while (end < frame.rows && key(end) === key(r)) end++;
    found.push([r, end, key(r)]);
    r = end;
  }
  return found;
}

function rowLabels(context, frame, { plot, Y }) {
  const { marks } = frame;
  context.textAlign = "right";
  const x = plot.x - 22;
  const byNode = marks.rows === "Nodes" || (marks.order === "Node" && marks.rows === "Segments");
  if (byNode) {
    for (const [a, b, leader] of runs(frame, (r) => frame.leader[r])) {
      const node = marks.nodes[leader];
      const middle = plot.y + (Y[a] + Y[b]) / 2;
      const tall = Y[b] - Y[a] > 52 && frame.mode === 2 && node?.after != null;
      if (Y[b] - Y[a] < 12) continue;
      context.fillStyle = token("text");
      context.font = `600 13px ${sans}`;
      context.fillText(node?.name ?? "none", x, middle - (tall ? 15 : 0));
      if (!tall) continue;
      context.fillStyle = token("text2");
      context.font = `11px ${sans}`;
      context.fillText(`${Math.round(node.before * 100)} →`, x, middle + 1);
      context.fillStyle = token("after");
      context.font = `600 11px ${sans}`;
      context.fillText(`${Math.round(node.after * 100)} %`, x, middle + 16);
    }
    return;
  }
  context.font = `11px ${sans}`;
  context.fillStyle = token("text3");
  if (marks.order === "Shard" || marks.rows === "Shards") {
    let last = -20;
    for (const [a, b, shard] of runs(frame, (r) => frame.shard[r])) {
      const middle = plot.y + (Y[a] + Y[b]) / 2;
      if (middle - last < 13) continue;
      context.fillText(`s-${String(shard).padStart(2, "0")}`, x, middle);
      last = middle;
    }
    return;
  }
  const slots = marks.slotsPerSegment;
  const spoken = marks.order === "Keyspace" ? (r) => frame.segment[r] * slots : (r) => frame.segment[r];
  const every = marks.order === "Keyspace" ? niceStep((frame.segment[frame.rows - 1] - frame.segment[0] + 1) * slots) : 0;
  let last = -40;
  let passed = -1;
  for (let r = 0; r < frame.rows; r++) {
    const y = plot.y + Y[r] + 6;
    const mark = every ? Math.floor(spoken(r) / every) : r;
    if (y - last < 20 || mark === passed) continue;
    context.fillText(every && r > 0 ? mark * every : spoken(r), x, Math.min(y, plot.y + plot.h - 4));
    [last, passed] = [y, mark];
  }
  context.save();
  context.translate(10, plot.y + plot.h / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(every ? "slot" : "segment", 0, 0);
  context.restore();
}

function niceStep(range) {
  let step = 16;
  while (range / step > 18) step *= 2;
  return step;
}

function rowSums(context, frame, { plot, Y }) {
  const most = Math.sqrt(Math.max(1e-9, ...frame.rowSum.map((v) => (Number.isFinite(v) ? Math.abs(v) : 0))));
  const room = gutter.right - 12;
  context.fillStyle = fade(token("text2"), 0.62);
  for (let r = 0; r < frame.rows; r++) {
    const v = Math.abs(frame.rowSum[r]);
    if (v > 0) context.fillRect(plot.x + plot.w + 8, plot.y + Y[r], (Math.sqrt(v) / most) * room, Math.max(1, Y[r + 1] - Y[r]));
  }
}

function columnSums(context, frame, { plot, X, sums }, showUnit) {
  const most = Math.max(1e-9, ...frame.columnSum.map((v) => (Number.isFinite(v) ? v : 0)));
  for (let c = 0; c < frame.columns; c++) {
    const v = frame.columnSum[c];
    if (!(v > 0)) continue;
    const h = (v / most) * sums.h;
    const w = X[c + 1] - X[c];
    context.fillStyle = frame.kind[c] === 1 ? fade(token("forecast"), 0.5) : fade(token("text2"), 0.55);
    context.fillRect(plot.x + X[c], sums.y + sums.h - h, frame.kind[c] === 1 && w > 5 ? w - 1 : w, h);
  }
  context.fillStyle = token("text3");
  context.font = `11px ${sans}`;
  context.textAlign = "right";
  context.fillText(showUnit(most), plot.x - 6, sums.y + 6);
  context.fillText("fleet", plot.x - 6, sums.y + sums.h - 6);
}

function axis(context, frame, place) {
  const { plot, axisY, sums } = place;
  if (frame.columns === 0) return;
  const t1 = frame.start[frame.columns - 1] + frame.span[frame.columns - 1] * 1000;
  const nowX = timeToX(frame, place, frame.now);
  context.textAlign = "center";
  for (const tick of ticks(frame.start[0], t1, (ms) => timeToX(frame, place, ms))) {
    if (tick.x < 6 || tick.x > plot.w - 2) continue;
    context.fillStyle = fade(token("text2"), tick.day ? 0.55 : 0.22);
    context.fillRect(plot.x + tick.x, sums.y, 1, sums.h + 4);
    if (frame.first < frame.columns && Math.abs(tick.x - nowX) < 62) continue;
    context.font = `${tick.day ? 600 : 400} 11px ${sans}`;
    context.fillStyle = token(tick.day ? "text" : "text2");
    context.fillText(tick.text, plot.x + tick.x, axisY + 8);
  }
}

function nowLine(context, frame, place) {
  if (frame.columns === 0) return;
  const { plot, axisY } = place;
  const end = frame.start[frame.columns - 1] + frame.span[frame.columns - 1] * 1000;
  if (frame.now < frame.start[0] || frame.now > end + 120000) return;
  const x = plot.x + Math.round(frame.first < frame.columns ? place.X[frame.first] : plot.w);
  context.fillStyle = isDark() ? "#FFFFFF" : token("text");
  context.fillRect(x - 1, plot.y - 7, 2, axisY - plot.y + 6);
  pill(context, `now ${clock(frame.now)}`, x, axisY - 1, { fill: isDark() ? "#F2F5F8" : token("text"), ink: isDark() ? "#0A0D12" : "#FFFFFF", right: place.width });
}

function overlaps(a, b) { return a.x < b.x + b.w + 4 && b.x < a.x + a.w + 4 && a.y < b.y + b.h + 2 && b.y < a.y + a.h + 2; }

function hotSpots(context, frame, { plot, X, Y }) {
  const labels = [];
  for (const spot of frame.marks.hot) {
    const [x0, x1] = [plot.x + X[spot.column0], plot.x + X[spot.column1 + 1]];
    const [y0, y1] = [plot.y + Y[spot.row0], plot.y + Y[spot.row1 + 1]];
    context.strokeStyle = token("warn");
    context.lineWidth = 2;
    context.beginPath();
    context.roundRect(x0 - 3, y0 - 4, Math.max(10, x1 - x0 + 6), Math.max(10, y1 - y0 + 8), 4);
    context.stroke();
    const text = `${spot.shard} passes its threshold at ${clock(spot.crossesAt)} · peak ${Math.round(spot.peakRatio * 100)} % at ${clock(spot.peakAt)}`;
    context.font = `600 11px ${sans}`;
    const box = { w: context.measureText(text).width + 14, h: 18 };
    box.x = Math.max(plot.x + 2, Math.min(plot.x + plot.w - box.w - 4, (x0 + x1) / 2 - box.w / 2));
    box.y = y0 - 26 > plot.y ? y0 - 26 : y1 + 8;
    if (labels.some((other) => overlaps(box, other))) box.y = y1 + 8;
    if (labels.some((other) => overlaps(box, other))) {
      context.fillStyle = token("warn");
      context.fillRect(plot.x + plot.w, (y0 + y1) / 2 - 2, 6, 4);
      continue;
    }
    labels.push(box);
    pill(context, text, box.x, box.y, { fill: token("warn"), ink: isDark() ? "#1A1204" : "#FFFFFF", align: "left" });
  }
}

function moved(context, frame, { plot, X, Y }) {
  const x0 = plot.x + X[Math.min(frame.first, frame.columns)];
  let free = -20;
  for (const mark of [...frame.marks.moved].sort((a, b) => a.row0 - b.row0)) {
    const [y0, y1] = [plot.y + Y[mark.row0], plot.y + Y[mark.row1 + 1]];
    context.strokeStyle = token("after");
    context.lineWidth = 1.5;
    context.strokeRect(x0 + 1, y0 - 1.5, plot.x + plot.w - x0 - 2, y1 - y0 + 3);
    context.fillStyle = token("after");
    context.fillRect(plot.x - 4, y0 - 1, 3, Math.max(3, y1 - y0 + 2));
    if (mark.segments === 0) continue;
    const y = Math.max(free, Math.min(y1 + 2, plot.y + plot.h - 20));
    if (y + 18 > plot.y + plot.h) continue;
    pill(context, `${mark.segments} from ${mark.from} to ${mark.to}`, plot.x + plot.w - 6, y, { fill: token("after"), ink: isDark() ? "#120A24" : "#FFFFFF", align: "right" });
    free = y + 20;
  }
}

export function drawOverlay(canvas, frame, place, { cell, pins, brush, words }) {
  const context = fit(canvas, place.width, place.height);
  const { plot, X, Y, axisY, sums } = place;
  const ink = isDark() ? "#FFFFFF" : token("text");
  for (const pin of pins) outline(context, frame, place, pin, token("accent"));
  if (brush) {
    context.fillStyle = fade(token("accent"), 0.18);
    context.strokeStyle = token("accent");
    context.lineWidth = 1.5;
    const [x0, x1] = [plot.x + X[brush.c0], plot.x + X[brush.c1 + 1]];
    const [y0, y1] = [plot.y + Y[brush.r0], plot.y + Y[brush.r1 + 1]];
    context.fillRect(x0, y0, x1 - x0, y1 - y0);
    context.strokeRect(x0, y0, x1 - x0, y1 - y0);
  }
  if (!cell) return;
  const x = plot.x + (X[cell.c] + X[cell.c + 1]) / 2;
  const y = plot.y + (Y[cell.r] + Y[cell.r + 1]) / 2;
  context.strokeStyle = fade(ink, 0.75);
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, plot.y);
  context.lineTo(Math.round(x) + 0.5, sums.y + sums.h);
  context.moveTo(plot.x, Math.round(y) + 0.5);
  context.lineTo(plot.x + plot.w, Math.round(y) + 0.5);
  context.stroke();
  context.setLineDash([]);
  outline(context, frame, place, cell, ink);
  const v = frame.columnSum[cell.c];
  const most = Math.max(1e-9, ...frame.columnSum.map((s) => (Number.isFinite(s) ? s : 0)));
  context.fillStyle = token("accent");
  if (v > 0) context.fillRect(plot.x + X[cell.c], sums.y + sums.h * (1 - v / most), Math.max(2, X[cell.c + 1] - X[cell.c] - 1), (sums.h * v) / most);
  const row = Math.abs(frame.rowSum[cell.r]);
  const widest = Math.sqrt(Math.max(1e-9, ...frame.rowSum.map((s) => (Number.isFinite(s) ? Math.abs(s) : 0))));
  if (row > 0) context.fillRect(plot.x + plot.w + 8, plot.y + Y[cell.r] - 1, (Math.sqrt(row) / widest) * (gutter.right - 12), Math.max(3, Y[cell.r + 1] - Y[cell.r] + 2));
  pill(context, words.time, x, axisY - 1, { fill: token("accent"), ink: token("accent-text"), right: place.width, left: 0 });
  pill(context, words.row, plot.x - 18, y - 9, { fill: token("accent"), ink: token("accent-text"), align: "right", left: 0 });
}

function outline(context, frame, { plot, X, Y }, { c, r }, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(plot.x + X[c] - 1, plot.y + Y[r] - 1.5, Math.max(4, X[c + 1] - X[c] + 2), Math.max(5, Y[r + 1] - Y[r] + 3));
}

export function drawLegend(canvas, frame, brightness) {
  const [w, h] = [204, 30];
  const context = fit(canvas, w, h);
  const kind = frame.mode === 1 ? "error" : "heat";
  const colour = ramp(kind);
  const [left, width] = [8, 186];
  for (let x = 0; x < width; x++) {
    const [r, g, b] = colour[Math.round((x / (width - 1)) * 254)];
    context.fillStyle = `rgb(${r},${g},${b})`;
    context.fillRect(left + x, 4, 1, 10);
  }
  context.strokeStyle = token("line");
  context.strokeRect(left - 0.5, 3.5, width + 1, 11);
  context.font = `10px ${sans}`;
  context.fillStyle = token("text3");
  context.textAlign = "center";
  context.textBaseline = "middle";
  const knee = (frame.top / 24) * 2 ** -brightness;
  const part = (v) => Math.log(1 + v / knee) / Math.log(1 + frame.top / knee);
  let last = -100;
  for (const v of niceNumbers(frame.top)) {
    const x = kind === "error" ? left + width * (0.5 + part(v) / 2) : left + width * part(v);
    if (x - last < 22 || x > left + width + 4) continue;
    context.fillText(short(v), x, 23);
    if (kind === "error" && v > 0) context.fillText(`−${short(v)}`, left + width * (0.5 - part(v) / 2), 23);
    last = x;
  }
}

export function short(v) {
  if (v >= 1e9) return `${+(v / 1e9).toPrecision(3)} G`;
  if (v >= 1e6) return `${+(v / 1e6).toPrecision(3)} M`;
  if (v >= 1e4) return `${+(v / 1e3).toPrecision(3)} k`;
  return v > 0 && v < 0.01 ? "< 0.01" : `${+v.toPrecision(3)}`;
}

function niceNumbers(top) {
  const found = [0];
  let v = 2 ** Math.floor(Math.log2(top));
  v = v >= 10 ? Number(v.toPrecision(2)) : v;
  const list = [];
  for (let i = 0; i < 6; i++, v /= 2.5) list.push(Number(v.toPrecision(1)));
  return found.concat(list.reverse());
}

export { value };
