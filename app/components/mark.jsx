// The probability mark ("repère"): a hairline from 0 to 100, the interval as a bar, the value as a needle.
// Full bar: measured hit rate inside the interval of what was announced. Hollow bar: not. Dotted line and "—": no probability.
import { createElement as h } from "react";

const NBSP = "\u00a0";

function words(share) {
  if (share > 0 && share < 0.005) return "<" + NBSP + "1" + NBSP + "%";
  if (share < 1 && share >= 0.995) return ">" + NBSP + "99" + NBSP + "%";
  return Math.round(share * 100) + NBSP + "%";
}

function line(x1, x2, y1, y2, more) {
  return h("line", { key: "l" + x1 + y1, x1, x2, y1, y2, ...more });
}

function isNumber(value) {
  return value !== null && value !== undefined && value !== "" && !Number.isNaN(Number(value));
}

function drawing(p, low, high, hollow, width) {
  const hair = line(0, width, 6.5, 6.5, { stroke: "var(--line2)" });
  const needle = h("rect", { key: "n", x: p * width - 1, y: 1, width: 2, height: 11, fill: "var(--ac)" });
  const span = Math.max((high - low) * width, 1);
  const bar = hollow
    ? h("rect", { key: "b", x: low * width, y: 4.5, width: span, height: 4, rx: 1, fill: "var(--surface)", stroke: "var(--ac)" })
    : h("rect", { key: "b", x: low * width, y: 4, width: span, height: 5, rx: 1, fill: "var(--ac-band)" });
  const tick = line(width / 2, width / 2, 4.5, 8.5, { stroke: "var(--line2)" });
  return hollow ? [hair, bar, needle] : [hair, tick, bar, needle];
}

export function ProbabilityMark({ p, low, high, hollow, width, interval, label, labelNone }) {
  const size = { width, height: 12, "aria-hidden": true };
  if (!isNumber(p)) {
    return h("span", { className: "pm", role: "img", "aria-label": labelNone },
      h("svg", size, line(0, width, 6.5, 6.5, { stroke: "var(--line-ctl)", strokeDasharray: "2 3" })),
      h("span", { className: "v f" }, "—"),
      interval ? h("span", { className: "iv" }) : null);
  }
  const hasInterval = isNumber(low) && isNumber(high);
  const from = hasInterval ? Number(low) : Number(p);
  const to = hasInterval ? Number(high) : Number(p);
  const said = label.replace("{p}", words(Number(p))).replace("{low}", Math.round(from * 100)).replace("{high}", Math.round(to * 100));
  return h("span", { className: "pm", role: "img", "aria-label": said },
    h("svg", size, drawing(Number(p), from, to, Boolean(hollow), width)),
    h("span", { className: "v" }, words(Number(p))),
    interval && hasInterval ? h("span", { className: "iv" }, Math.round(from * 100) + "–" + Math.round(to * 100)) : null);
}
