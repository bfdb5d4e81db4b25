// Colours for canvases: read from the CSS variables, so that a canvas follows the theme like everything else.

const cache = new Map();

export function token(name) {
  if (!cache.has(name)) cache.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  return cache.get(name);
}

export const sans = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

export function isDark() { return document.documentElement.dataset.theme !== "light"; }

export function nodeColour(index) { return index >= 0 && index < 65535 ? token(`node${(index % 8) + 1}`) : token("text3"); }

export function fade(hex, alpha) {
  return `rgba(${parseInt(hex.slice(1, 3), 16)}, ${parseInt(hex.slice(3, 5), 16)}, ${parseInt(hex.slice(5, 7), 16)}, ${alpha})`;
}

// Calls back when the theme changes; answers a function that stops it.
export function onTheme(callback) {
  const observer = new MutationObserver(() => { cache.clear(); callback(); });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

const heat = {
  dark: "#11161E #1C2140 #342465 #55277D #7D2C86 #A63784 #CB4776 #E76360 #F68A47 #FCB648 #FBE27A #FFFBE0",
  light: "#F3F5F9 #E8EAF5 #DCDAF0 #D2C8E9 #CBB3E0 #C99AD2 #C77BBE #C2559F #AC2F78 #861B50 #5A102D #2B0510",
};
const error = {
  dark: "#6AA9FF #3F74C4 #2C4C80 #1D2B43 #171C24 #43301C #80541F #C27F2B #F7B64A",
  light: "#1F5FBF #5C8AD3 #9DB8E6 #D6E1F5 #F3F5F9 #F6E3CC #E8BE8A #CC8A3C #8A5600",
};

function interpolate(stops, size) {
  const rgb = stops.split(" ").map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  return Array.from({ length: size }, (_, i) => {
    const at = (i / (size - 1)) * (rgb.length - 1);
    const low = Math.min(Math.floor(at), rgb.length - 2);
    return [0, 1, 2].map((k) => Math.round(rgb[low][k] + (rgb[low + 1][k] - rgb[low][k]) * (at - low)));
  });
}

// 255 colours [r, g, b] of the ramp for this theme.
export function ramp(kind) { return interpolate((kind === "error" ? error : heat)[isDark() ? "dark" : "light"], 255); }

// A canvas fitted to its CSS size and the screen's pixel ratio; answers its 2D context in CSS pixels.
export function fit(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// The forecast's hatch: 45 degrees, one pixel every seven.
export function hatch(context, colour = isDark() ? "rgba(255,255,255,.085)" : fade(token("text"), 0.1), step = 7) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = step;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const shift of [-step, 0, step]) {
    pen.moveTo(shift, step);
    pen.lineTo(shift + step, 0);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}
