// Makes an ECharts option from the console's chart model (Controls/ChartModel.cs) in the colours of the theme.
import { clock, dayAndClock, weekday } from "./time-axis.js";
import { fade, isDark, onTheme, sans, token } from "./tokens.js";

let library = null;

function load() {
  library ??= new Promise((done, failed) => {
    if (globalThis.echarts) return done(globalThis.echarts);
    const script = document.createElement("script");
    script.src = new URL("_content/Vizor.ECharts/js/vizor-echarts-bundle-min.js", document.baseURI).href;
    script.onload = () => done(globalThis.echarts);
    script.onerror = () => { library = null; failed(new Error("The chart library could not be loaded.")); };
    document.head.append(script);
  });
  return library;
}

const plain = (v) => (Math.abs(v) >= 1e6 ? `${+(v / 1e6).toPrecision(3)} M` : Math.abs(v) >= 1e4 ? `${+(v / 1e3).toPrecision(3)} k` : `${+v.toPrecision(3)}`);
const units = {
  percent: (v) => `${Math.round(v * 100)} %`,
  cores: (v) => `${plain(v)}`,
  bytes: (v) => (v >= 1e9 ? `${+(v / 1e9).toPrecision(3)} GB/s` : v >= 1e6 ? `${+(v / 1e6).toPrecision(3)} MB/s` : v >= 1e3 ? `${+(v / 1e3).toPrecision(3)} kB/s` : `${Math.round(v)} B/s`),
};
const format = (unit) => units[unit] ?? plain;

export async function create(place) {
  const echarts = await load();
  return new Chart(echarts.init(place, null, { renderer: "canvas" }), place);
}

class Chart {
  constructor(chart, place) {
    this.chart = chart;
    this.observer = new ResizeObserver(() => chart.resize());
    this.observer.observe(place);
    this.stop = onTheme(() => this.model && this.show(this.model));
  }

  show(model) {
    this.model = model;
    this.chart.setOption(option(model), { notMerge: true });
  }

  dispose() {
    this.observer.disconnect();
    this.stop();
    this.chart.dispose();
  }
}

const pairs = (times, values) => values.map((v, i) => [times[i], v]);

function option(model) {
  const write = format(model.unit);
  const overTime = !model.categories;
  const small = { fontFamily: sans, fontSize: 11, color: token("text3") };
  const top = model.spans.length || model.marks.length ? 22 : 10;
  return {
    animation: false,
    textStyle: { fontFamily: sans },
    grid: { left: 4, right: 12, top, bottom: overTime && model.now ? 6 : 2, containLabel: true },
    tooltip: {
      trigger: "axis", confine: true, backgroundColor: token("raised"), borderColor: token("line-input"), borderWidth: 1, padding: [8, 10], textStyle: { color: token("text"), fontSize: 12 },
      axisPointer: { lineStyle: { color: token("text3"), type: "dashed" }, shadowStyle: { color: fade(token("text3"), 0.12) } },
      renderMode: "richText",
      formatter: (items) => tooltip(items, model, write),
    },
    xAxis: overTime
      ? { type: "time", axisLine: { lineStyle: { color: token("line") } }, axisTick: { show: false }, splitLine: { show: false }, axisLabel: { ...small, hideOverlap: true, formatter: (ms) => (clock(ms) === "00:00" ? weekday(ms) : clock(ms)) } }
      : { type: "category", data: model.categories, axisLine: { lineStyle: { color: token("line") } }, axisTick: { show: false }, axisLabel: { ...small, hideOverlap: true } },
    yAxis: {
      type: "value", min: model.min ?? 0, max: model.max ?? ((range) => Math.max(range.max, ...model.limits.map((l) => l.value * 1.08), 1e-9)), splitNumber: 4,
      axisLabel: { ...small, showMaxLabel: model.max != null ? true : false, formatter: write }, splitLine: { lineStyle: { color: fade(token("line"), 0.9) } },
    },
    series: [...model.bands.flatMap(band), ...model.series.map((s) => series(s, model)), furniture(model, overTime)],
  };
}

// A band is its lower edge, invisible, and its height stacked upon it.
function band(b, i) {
  const base = { type: "line", symbol: "none", lineStyle: { opacity: 0 }, stack: `band${i}`, silent: true, tooltip: { show: false }, emphasis: { disabled: true } };
  return [
    { ...base, name: `${b.name} low`, data: pairs(b.times, b.low) },
    { ...base, name: b.name, data: b.times.map((t, k) => [t, b.low[k] == null || b.high[k] == null ? null : b.high[k] - b.low[k]]), areaStyle: { color: token(b.color), opacity: 0.2 } },
  ];
}

function series(s, model) {
  const colour = token(s.color);
  if (s.kind === "bar") {
    return { type: "bar", name: s.name, stack: "bars", data: s.values, barMaxWidth: 26, itemStyle: { color: colour }, emphasis: { disabled: true } };
  }
  if (s.kind === "dots") {
    return { type: "scatter", name: s.name, data: s.values, symbolSize: 6, itemStyle: { color: colour, opacity: 0.8 }, emphasis: { disabled: true } };
  }
  if (s.kind === "stack") {
    return { type: "line", name: s.name, stack: "areas", symbol: "none", data: s.values, lineStyle: { color: token("surface"), width: 1 }, itemStyle: { color: colour }, areaStyle: { color: colour, opacity: 0.65 }, emphasis: { disabled: true } };
  }
  return {
    type: "line", name: s.name, symbol: "none", data: model.categories ? s.values : pairs(s.times, s.values), connectNulls: false, emphasis: { disabled: true },
    lineStyle: { color: colour, width: s.width, type: s.dashed ? "dashed" : "solid" }, itemStyle: { color: colour },
    areaStyle: s.kind === "area" ? { color: colour, opacity: isDark() ? 0.09 : 0.1 } : undefined,
  };
}

// Now, marks, spans and limits hang on one empty series.
function furniture(model, overTime) {
  const ink = isDark() ? "#FFFFFF" : token("text");
  const lines = model.limits.map((l) => ({ yAxis: l.value, lineStyle: { color: token(l.color), type: "dashed", width: 1 }, label: { show: Boolean(l.label), formatter: l.label, position: "insideEndTop", color: token("text2"), fontSize: 11 } }));
  if (overTime && model.now) {
    lines.push({ xAxis: model.now, lineStyle: { color: ink, width: 2, type: "solid" }, label: { formatter: "now", position: "start", distance: 3, color: isDark() ? "#0A0D12" : "#FFFFFF", backgroundColor: isDark() ? "#F2F5F8" : token("text"), padding: [3, 7], borderRadius: 3, fontSize: 11, fontWeight: 600 } });
  }
  for (const m of model.marks) lines.push({ xAxis: m.at, lineStyle: { color: token(m.color), width: 3, type: "solid", opacity: 0.75 }, label: { formatter: m.label, position: "end", color: token(m.color), fontSize: 11 } });
  return {
    type: "line", name: "", data: overTime ? [] : undefined, silent: true, tooltip: { show: false },
    markLine: { symbol: "none", silent: true, animation: false, data: lines },
    markArea: { silent: true, data: model.spans.map((s) => [{ xAxis: s.from, itemStyle: { color: fade(token(s.color), 0.2) }, label: { show: true, formatter: s.label, position: "top", color: token(s.color), fontSize: 11 } }, { xAxis: s.to }]) },
  };
}

function tooltip(items, model, write) {
  const at = items[0]?.axisValue;
  const head = model.categories ? `${items[0]?.name}` : dayAndClock(at);
  const unit = { cores: " cores", mcore: " mcore", ms: " ms" }[model.unit] ?? "";
  const rows = items.filter((i) => i.seriesName && !i.seriesName.endsWith(" low") && (Array.isArray(i.value) ? i.value[1] : i.value) != null)
    .map((i) => {
      const v = Array.isArray(i.value) ? i.value[1] : i.value;
      const b = model.bands.find((x) => x.name === i.seriesName);
      if (!b) return `${i.seriesName}  ${write(v)}${unit}`;
      const k = b.times.indexOf(i.value[0]);
      return k < 0 ? "" : `${b.name}  ${write(b.low[k])} – ${write(b.high[k])}${unit}`;
    });
  return [head, ...rows].filter(Boolean).join("\n");
}
