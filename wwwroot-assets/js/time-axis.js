// Times as the console writes them, and ticks for an axis whose scale changes from tier to tier.

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone, weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

function split(ms) {
  const found = {};
  for (const part of parts.formatToParts(ms)) found[part.type] = part.value;
  return found;
}

export function clock(ms) {
  const p = split(ms);
  return `${p.hour}:${p.minute}`;
}

export function weekday(ms) { return split(ms).weekday; }

export function dayAndClock(ms) {
  const p = split(ms);
  return `${p.weekday} ${p.hour}:${p.minute}`;
}

export function span(ms, seconds) { return `${dayAndClock(ms)}–${clock(ms + seconds * 1000)}`; }

export function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.round(minutes / 1440)} d`;
}

// Milliseconds from local midnight to ms. Offsets are whole minutes, so minutes of the day say all.
function sinceMidnight(ms) {
  const p = split(ms);
  return ((+p.hour * 60 + +p.minute) * 60 + +p.second) * 1000;
}

const steps = [1440, 720, 360, 180, 60, 30, 15, 5, 1].map((minutes) => minutes * 60000);

// Ticks {ms, x, text, day} between t0 and t1, coarse ones first, none nearer than `gap` pixels to another.
export function ticks(t0, t1, toX, gap = 58) {
  const placed = [];
  const first = t0 - sinceMidnight(t0);
  for (const step of steps) {
    if ((t1 - t0) / step > 1500) break;
    for (let ms = first; ms <= t1; ms += step) {
      if (ms < t0) continue;
      const x = toX(ms);
      if (placed.some((tick) => Math.abs(tick.x - x) < gap)) continue;
      const day = sinceMidnight(ms) === 0;
      placed.push({ ms, x, day, text: day ? (step === steps[0] && t1 - t0 > 8 * 86400000 ? `${split(ms).day} ${split(ms).month}` : weekday(ms)) : clock(ms) });
    }
  }
  return placed.sort((a, b) => a.x - b.x);
}
