// One item of a count sheet at a time, with number keys for a thumb. A number that the server has not confirmed yet
// waits in this phone's storage and is sent again: neither a reload nor a lost network loses it.
import { createElement as h, useEffect, useMemo, useRef, useState } from "react";

const STORE = "boussole-count:";
const KEYS = ["7", "8", "9", "4", "5", "6", "1", "2", "3", ".", "0", "⌫"];
const AGAIN_MS = 4000;
const WIDEST = 1400;

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(STORE + key) || "[]");
  } catch (problem) {
    return [];
  }
}

function keep(key, waiting) {
  try {
    if (waiting.length) localStorage.setItem(STORE + key, JSON.stringify(waiting));
    else localStorage.removeItem(STORE + key);
  } catch (problem) {
    return;
  }
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

// a photo as small as reading needs, so that it travels fast and its place and time stay on the phone
async function small(file) {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, WIDEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.85);
}

function nextOf(lines, at) {
  for (let step = 1; step <= lines.length; step += 1) {
    const place = (at + step) % lines.length;
    if (lines[place].counted === null) return place;
  }
  return Math.min(at + 1, lines.length - 1);
}

function Keys({ press, labels, packages }) {
  return h("div", { className: "pad-keys" },
    packages.length ? h("div", { className: "pad-packages" }, packages.map((name) =>
      h("button", { key: name, type: "button", className: "btn", onClick: () => press(" " + name) }, name))) : null,
    KEYS.map((key) => h("button", {
      key, type: "button", className: "btn pad-key", "aria-label": key === "⌫" ? labels.erase : key, onClick: () => press(key),
    }, key)));
}

function Finder({ labels, onFind, onPhoto, answer }) {
  const [text, setText] = useState("");
  const send = (event) => { event.preventDefault(); if (text.trim()) onFind({ text }); };
  const take = async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (file) onPhoto({ data: await small(file) });
  };
  useEffect(() => { if (answer && answer.what === "find" && answer.line) setText(""); }, [answer]);
  return h("form", { className: "pad-find", onSubmit: send, role: "search" },
    h("input", { className: "in", value: text, placeholder: labels.find, "aria-label": labels.find, enterKeyHint: "search", autoComplete: "off", onChange: (event) => setText(event.target.value) }),
    h("label", { className: "btn ic pad-camera", title: labels.photo },
      h("svg", { viewBox: "0 0 24 24", width: 20, height: 20, fill: "none", stroke: "currentColor", strokeWidth: 1.6, "aria-hidden": true },
        h("path", { d: "M4 8V5h3M17 5h3v3M20 16v3h-3M7 19H4v-3M8 9v6M11 9v6M13.5 9v6M16 9v6" })),
      h("input", { type: "file", accept: "image/*", capture: "environment", "aria-label": labels.photo, onChange: take })));
}

function Item({ line, text, blind, labels }) {
  const told = line.counted !== null && line.by
    ? fill(labels.already, { name: line.by, counted: line.counted + "\u00a0" + line.unit, when: line.when }) : "";
  return h("div", { className: "pad-item" },
    h("div", { className: "m s" }, line.number, line.barcode ? " · " + line.barcode : ""),
    h("h2", null, line.name),
    h("div", { className: "pad-shown", role: "status", "aria-label": labels.quantity },
      h("output", { className: text ? "" : "f" }, text || (line.counted === null ? "0" : line.counted)), h("span", { className: "m" }, line.unit)),
    h("div", { className: "m s pad-told" }, told, told && !blind && line.expected !== null ? " · " : "",
      !blind && line.expected !== null ? labels.expected + " " + line.expected : ""));
}

function Ask({ ask, decide, labels }) {
  if (!ask) return null;
  return h("div", { className: "pad-ask", role: "alertdialog", "aria-label": ask.error },
    h("div", null, ask.error),
    ask.asks ? h("div", { className: "row g6" },
      h("button", { type: "button", className: "btn p", onClick: () => decide("replace") }, labels.replace),
      h("button", { type: "button", className: "btn", onClick: () => decide("add") }, labels.add + " " + ask.text)) : null);
}

export function CountPad({ view, answer, labels, back, onNumber, onFind, onPhoto }) {
  const sheet = useMemo(() => JSON.parse(view), [view]);
  const told = useMemo(() => (answer ? JSON.parse(answer) : null), [answer]);
  const [lines, setLines] = useState(sheet.lines);
  const [at, setAt] = useState(() => Math.max(0, sheet.lines.findIndex((line) => line.counted === null)));
  const [text, setText] = useState("");
  const [ask, setAsk] = useState(null);
  const [choices, setChoices] = useState([]);
  const [waiting, setWaiting] = useState(() => kept(sheet.count));
  const [showsList, setShowsList] = useState(false);
  const sending = useRef(0);
  const jumped = useRef("");

  const hold = (list) => { setWaiting(list); keep(sheet.count, list); };
  const put = (some) => setLines((old) => {
    const fresh = new Map(some.filter((line) => line && line.number).map((line) => [line.id, line]));
    const known = old.map((line) => fresh.get(line.id) || line);
    const ids = new Set(old.map((line) => line.id));
    return known.concat([...fresh.values()].filter((line) => !ids.has(line.id)));
  });

  // what waits is sent one after the other, and again after a while when no answer came
  useEffect(() => {
    if (!waiting.length) return undefined;
    if (sending.current !== waiting[0].key) { sending.current = waiting[0].key; onNumber(waiting[0]); }
    const again = setTimeout(() => onNumber(waiting[0]), AGAIN_MS);
    return () => clearTimeout(again);
  }, [waiting]);

  useEffect(() => {
    if (!told) return;
    put([...(told.others || []), told.line]);
    if (told.what === "find") {
      setChoices(told.choices || []);
      setAsk(told.error ? { error: told.error, asks: false } : null);
      return;
    }
    const sent = waiting.find((one) => one.key === told.key);
    if (!sent) return;
    hold(waiting.filter((one) => one.key !== told.key));
    if (told.error) setAsk({ error: told.error, asks: told.asks, line: sent.line, text: sent.text });
  }, [told]);

  const found = told && told.what === "find" && told.line ? told.line.id : "";
  useEffect(() => {
    const place = found && jumped.current !== told.at ? lines.findIndex((line) => line.id === found) : -1;
    if (place >= 0) { jumped.current = told.at; setAt(place); setText(""); setChoices([]); setAsk(null); }
  }, [found, told, lines]); // a line that was put on the sheet just now is there one drawing later
  useEffect(() => {
    const place = ask && ask.line ? lines.findIndex((line) => line.id === ask.line) : -1;
    if (place >= 0) { setAt(place); setText(""); }
  }, [ask]);

  if (!sheet.open) return h("div", { className: "empty" }, h("div", { className: "md" }, labels.closed), h("a", { className: "btn", href: back + "/" + sheet.count }, labels.back));
  const line = lines[at];
  const enter = (mode, given) => {
    const typed = given || text;
    if (typed.trim()) {
      const entering = mode || (line.counted === null ? "first" : "replace");
      const key = line.id + ":" + Date.now();
      hold([...waiting, { key, line: line.id, text: typed.trim(), mode: entering, version: mode ? null : line.version }]);
      setLines(lines.map((one) => (one.id === line.id ? { ...one, counted: typed.trim(), by: sheet.me, when: "" } : one)));
    }
    setText("");
    setAsk(null);
    if (lines.length) setAt(nextOf(lines.map((one) => (one.id === line.id && typed.trim() ? { ...one, counted: typed } : one)), at));
  };
  const press = (key) => {
    if (key === "⌫") setText(text.slice(0, -1));
    else if (key === "." && /[.]\d*$/.test(text)) return;
    else if (text.length < 20) setText(text + key);
  };
  const type = (event) => {
    if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[\d.]$/.test(event.key)) press(event.key);
    else if (event.key === ",") press(".");
    else if (event.key === "Backspace") press("⌫");
    else if (event.key === "Enter") enter("");
    else return;
    event.preventDefault();
  };
  const done = lines.filter((one) => one.counted !== null).length;
  const bar = h("div", { className: "pad-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": lines.length, "aria-valuenow": done, "aria-label": labels.counted },
    h("i", { style: { width: (lines.length ? (100 * done) / lines.length : 0) + "%" } }));
  const head = h("header", { className: "pad-head" },
    h("a", { href: back + "/" + sheet.count, className: "lk el" }, sheet.name),
    h("button", { type: "button", className: "btn sm q", "aria-expanded": showsList, onClick: () => setShowsList(!showsList) }, fill(labels.done, { done, all: lines.length })));
  const states = h("div", { className: "pad-state s" },
    waiting.length ? h("span", { className: "amb" }, fill(labels.waiting, { count: waiting.length })) : done === lines.length && done ? h("span", { className: "grn" }, labels.all) : null);
  const picks = choices.length ? h("ul", { className: "pad-choices" }, choices.map(([number, name]) =>
    h("li", { key: number }, h("button", { type: "button", className: "btn", onClick: () => onFind({ text: number }) }, number + " · " + name)))) : null;
  const list = showsList ? h("ul", { className: "pad-list", "aria-label": labels.list }, lines.map((one, place) =>
    h("li", { key: one.id }, h("button", { type: "button", className: place === at ? "on" : "", onClick: () => { setAt(place); setText(""); setShowsList(false); } },
      h("span", { className: "el" }, one.number + " · " + one.name), h("b", null, one.counted === null ? "–" : one.counted))))) : null;
  return h("div", { className: "pad", onKeyDown: type, tabIndex: 0, "aria-label": sheet.name, role: "group" },
    head, bar, h(Finder, { labels, onFind, onPhoto, answer: told }), picks, list,
    line ? h(Item, { line, text, blind: sheet.blind, labels }) : h("div", { className: "empty" }, labels.nothing),
    h(Ask, { ask, decide: (mode) => { const was = ask; const place = lines.findIndex((one) => one.id === was.line); if (place >= 0) enter(mode, was.text); }, labels }),
    states,
    line ? h(Keys, { press, labels, packages: line.packages }) : null,
    line ? h("div", { className: "pad-go" },
      h("button", { type: "button", className: "btn", disabled: at === 0, onClick: () => { setAt(at - 1); setText(""); } }, labels.before),
      h("button", { type: "button", className: "btn p", onClick: () => enter("") }, text ? labels.next : labels.skip)) : null);
}
