// Reads the binary frame of GET /api/v1/heatmap. Sections that it does not know are skipped.

export const mediaType = "application/vnd.shardconsole.heatmap";
export const noData = 255;
const magic = 0x4d484353;

const whole = 0;
const sent = 65535;

// A whole frame, or one that builds on the frame before: null where that is not the one which is held, then a whole one has to be asked for.
export function decode(buffer, before) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 64 || view.getUint32(0, true) !== magic) throw new Error("The server's answer is not a heatmap frame.");
  if (view.getUint8(4) !== 1) throw new Error(`Heatmap frame of version ${view.getUint8(4)}; this page reads version 1. Reload it.`);
  const frame = {
    metric: view.getUint8(6), mode: view.getUint8(7), sequence: view.getUint32(8, true), epoch: view.getUint32(12, true),
    now: Number(view.getBigInt64(16, true)), made: Number(view.getBigInt64(24, true)),
    columns: view.getUint16(32, true), rows: view.getUint32(36, true), k0: view.getFloat32(40, true), top: view.getFloat32(44, true),
    first: view.getUint32(48, true), id: view.getBigUint64(52, true).toString(16).padStart(16, "0"), low: new Uint8Array(0), high: new Uint8Array(0),
  };
  for (let at = 64; at + 8 <= buffer.byteLength;) {
    const tag = String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
    const size = view.getUint32(at + 4, true);
    sections[tag]?.(frame, new DataView(buffer, at + 8, size), size);
    at += 8 + size;
  }
  if (view.getUint8(5) !== whole) {
    if (!before || before.id !== frame.base) return null;
    merge(frame, before);
  }
  frame.rowOf = new Map();
  frame.firstOf = new Uint32Array(frame.rows + 1);
  for (let r = 0; r < frame.rows; r++) {
    frame.firstOf[r + 1] = frame.firstOf[r] + frame.count[r];
    for (let i = frame.firstOf[r]; i < frame.firstOf[r + 1]; i++) frame.rowOf.set(frame.segments[i], r);
  }
  return frame;
}

// Rows and segments are those of the frame before; cells and quantiles too, but for the columns that were sent.
function merge(frame, before) {
  const { rows } = frame;
  for (const name of ["segment", "count", "shard", "leader", "segments"]) frame[name] = before[name];
  const ahead = frame.columns - frame.first;
  const planes = { cells: new Uint8Array(frame.columns * rows), low: new Uint8Array(ahead * rows), high: new Uint8Array(ahead * rows) };
  let cell = 0, quantile = 0;
  for (let c = 0; c < frame.columns; c++) {
    const isSent = frame.from[c] === sent;
    copy("cells", c, isSent ? frame : before, isSent ? cell++ : frame.from[c]);
    if (c < frame.first) continue;
    const at = isSent ? quantile++ : frame.from[c] - before.first;
    copy("low", c - frame.first, isSent ? frame : before, at);
    copy("high", c - frame.first, isSent ? frame : before, at);
  }
  Object.assign(frame, planes);

  function copy(plane, to, source, at) { planes[plane].set(source[plane].subarray(at * rows, (at + 1) * rows), to * rows); }
}

const bytes = (v, size) => new Uint8Array(v.buffer, v.byteOffset, size);
const each = (size, width, read) => Array.from({ length: size / width }, (_, i) => read(i * width));

const sections = {
  BASE(frame, v) { frame.base = v.getBigUint64(0, true).toString(16).padStart(16, "0"); },
  FROM(frame, v, size) { frame.from = each(size, 2, (i) => v.getUint16(i, true)); },
  COLS(frame, v, size) {
    frame.start = each(size, 16, (i) => Number(v.getBigInt64(i, true)));
    frame.span = each(size, 16, (i) => v.getUint32(i + 8, true));
    frame.tier = each(size, 16, (i) => v.getUint8(i + 12));
    frame.kind = each(size, 16, (i) => v.getUint8(i + 13));
  },
  ROWS(frame, v, size) {
    frame.segment = each(size, 8, (i) => v.getUint16(i, true));
    frame.count = each(size, 8, (i) => v.getUint16(i + 2, true));
    frame.shard = each(size, 8, (i) => v.getUint16(i + 4, true));
    frame.leader = each(size, 8, (i) => v.getUint16(i + 6, true));
  },
  SEGS(frame, v, size) { frame.segments = each(size, 2, (i) => v.getUint16(i, true)); },
  CELL(frame, v, size) { frame.cells = bytes(v, size); },
  QLOW(frame, v, size) { frame.low = bytes(v, size); },
  QHIG(frame, v, size) { frame.high = bytes(v, size); },
  CSUM(frame, v, size) { frame.columnSum = each(size, 4, (i) => v.getFloat32(i, true)); },
  RSUM(frame, v, size) { frame.rowSum = each(size, 4, (i) => v.getFloat32(i, true)); },
  MARK(frame, v, size) { frame.marks = JSON.parse(new TextDecoder().decode(bytes(v, size))); },
};

// The value of a code, in the metric's unit; NaN without data.
export function value(frame, code) {
  if (code === noData) return NaN;
  const full = Math.log(1 + frame.top / frame.k0);
  if (frame.mode !== 1) return frame.k0 * (Math.exp((code / 254) * full) - 1);
  const away = code - 127;
  return Math.sign(away) * frame.k0 * (Math.exp((Math.abs(away) / 127) * full) - 1);
}

// The 256 colours of this frame at brightness b as RGBA words; 255 stays the page's colour.
export function colours(frame, colourRamp, b, page) {
  const table = new Uint32Array(256);
  const knee = (frame.top / 24) * 2 ** -b;
  const full = Math.log(1 + frame.top / knee);
  for (let code = 0; code < 255; code++) {
    const v = value(frame, code);
    const part = Math.min(1, Math.log(1 + Math.abs(v) / knee) / full);
    const place = frame.mode === 1 ? Math.round(127 + Math.sign(v) * part * 127) : Math.round(part * 254);
    const [r, g, bl] = colourRamp[Math.max(0, Math.min(254, place))];
    table[code] = 0xff000000 | (bl << 16) | (g << 8) | r;
  }
  table[noData] = page;
  return table;
}

export function word(hex) {
  return (0xff000000 | (parseInt(hex.slice(5, 7), 16) << 16) | (parseInt(hex.slice(3, 5), 16) << 8) | parseInt(hex.slice(1, 3), 16)) >>> 0;
}
