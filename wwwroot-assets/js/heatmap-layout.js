// Integer pixel edges of columns and rows; time and segment go through them, so that every pixel belongs to one cell.

export const gutter = { left: 74, right: 92, top: 24, bottom: 78 };
const sumsHeight = 44;

export function layout(frame, width, height, zoomed, clip) {
  const plot = { x: gutter.left, y: gutter.top, w: Math.max(40, width - gutter.left - gutter.right), h: Math.max(40, height - gutter.top - gutter.bottom) };
  const X = edges(columnWeights(frame, zoomed, clip), plot.w);
  const Y = edges(new Array(frame.rows).fill(1), plot.h);
  return { plot, X, Y, sums: { y: plot.y + plot.h + 6, h: sumsHeight }, axisY: plot.y + plot.h + sumsHeight + 12, width, height };
}

// Unzoomed, the forecast keeps about 40 % of the width, and its hours are a little wider than its five minutes. Zoomed, time is linear.
function columnWeights(frame, zoomed, clip) {
  const weight = new Array(frame.columns).fill(1);
  if (zoomed) {
    for (let c = 0; c < frame.columns; c++) {
      const from = Math.max(frame.start[c], c === frame.first ? frame.now : -Infinity, clip?.t0 ?? -Infinity);
      const to = Math.min(frame.start[c] + frame.span[c] * 1000, clip?.t1 ?? Infinity);
      weight[c] = Math.max(1, to - from);
    }
    return weight;
  }
  let ahead = 0;
  for (let c = frame.first; c < frame.columns; c++) ahead += weight[c] = frame.span[c] >= 3600 ? 13 : 10;
  if (frame.first > 0 && ahead > 0) {
    const measured = (ahead * 0.59) / 0.41 / frame.first;
    for (let c = 0; c < frame.first; c++) weight[c] = measured;
  }
  return weight;
}

function edges(weights, pixels) {
  const total = weights.reduce((a, b) => a + b, 0) || 1;
  const at = new Int32Array(weights.length + 1);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i];
    at[i + 1] = Math.round((sum / total) * pixels);
  }
  return at;
}

// Index of the cell whose edges hold pixel p; -1 outside.
export function find(at, p) {
  if (p < 0 || p >= at[at.length - 1]) return -1;
  let [low, high] = [0, at.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at[middle] <= p) low = middle; else high = middle;
  }
  return low;
}

// Pixel of a moment, from the plot's left edge.
export function timeToX(frame, place, ms) {
  const { X } = place;
  let [low, high] = [0, frame.columns];
  if (frame.columns === 0 || ms <= frame.start[0]) return 0;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (columnStart(frame, middle) <= ms) low = middle; else high = middle;
  }
  const from = columnStart(frame, low);
  const to = columnEnd(frame, low);
  return X[low] + Math.min(1, (ms - from) / Math.max(1, to - from)) * (X[low + 1] - X[low]);
}

// The first forecast column may begin before now: what is measured stands in front of it.
export function columnStart(frame, c) { return c === frame.first ? Math.max(frame.start[c], frame.now) : frame.start[c]; }

export function columnEnd(frame, c) {
  const end = frame.start[c] + frame.span[c] * 1000;
  return c + 1 === frame.first && frame.first < frame.columns ? Math.max(end, columnStart(frame, frame.first)) : end;
}
