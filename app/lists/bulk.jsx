// Deeds on many records: choose, say what, see what would happen and what would be refused, then do it. And the block that was pasted.
import { createElement as h, useEffect, useRef, useState } from "react";

const words = (n, pair) => n + "\u00a0" + pair[Math.abs(n) < 2 ? 0 : 1];

function Preview({ told, labels }) {
  if (told.error) return h("span", { className: "red", role: "alert" }, told.error);
  return h("span", { className: "told", role: "status" },
    h("b", { className: "md" }, words(told.count, labels.records) + ", " + words(told.refused.reduce((sum, [, n]) => sum + n, 0), labels.refusedOnes)),
    told.refused.map(([sentence, n]) => h("span", { key: sentence, className: "s red" }, n + " × " + sentence)),
    told.job ? h("span", { className: "s m" }, labels.asJob.replace("{tried}", told.tried)) : null);
}

export function Bulk({ view, counts, labels, chosen, whole, setWhole, clear, told, forget, onPreview, onBulk }) {
  const [verb, setVerb] = useState(null);
  const [value, setValue] = useState("");
  const ids = whole ? [] : [...chosen];
  const number = whole ? counts.totals[0] : chosen.size;
  const begin = (one) => { setVerb(one); setValue(one.options ? one.options[0][0] : ""); forget(); if (!one.asks) onPreview(one.key, ids, ""); };
  const check = (event) => { event.preventDefault(); onPreview(verb.key, ids, value); };
  const back = () => { setVerb(null); forget(); };
  const doIt = () => { onBulk(verb.key, ids, value); setVerb(null); clear(); };
  const change = (event) => { setValue(event.target.value); forget(); };
  const input = verb && verb.asks
    ? verb.options
      ? h("select", { className: "in", autoFocus: true, "aria-label": verb.asks, value, onChange: change }, verb.options.map(([one, label]) => h("option", { key: one, value: one }, label)))
      : h("input", { className: "in", autoFocus: true, placeholder: verb.asks, "aria-label": verb.asks, maxLength: 500, value, onChange: change })
    : null;
  const fits = told && !told.error && told.fit > 0;
  const stages = [
    input ? h("form", { key: "f", onSubmit: check, className: "row g6" }, input, told ? null : h("button", { type: "submit", className: "btn sm p" }, labels.check)) : null,
    told ? h(Preview, { key: "p", told, labels }) : null,
    fits ? h("button", { key: "d", type: "button", autoFocus: true, className: "btn sm " + (verb && verb.danger ? "danger" : "p"), onClick: doIt }, labels.doIt.replace("{count}", told.job ? told.count : told.fit)) : null,
    h("button", { key: "c", type: "button", className: "btn sm q", onClick: back }, labels.cancel),
  ];
  const offer = [
    !whole && chosen.size >= view.rows.length && (view.hasMore || view.hasBefore)
      ? h("button", { key: "w", type: "button", className: "btn q sm", onClick: () => setWhole(true) }, labels.chooseView.replace("{count}", counts.totals[0])) : null,
    ...view.verbs.map((one) => h("button", { key: one.key, type: "button", className: "btn sm" + (one.danger ? " danger" : ""), onClick: () => begin(one) }, one.label)),
    h("button", { key: "c", type: "button", className: "btn sm q", onClick: clear }, labels.clear),
  ];
  const enter = (event) => { if (event.target === event.currentTarget) event.currentTarget.querySelector("button").focus(); };
  return h("div", { className: "bulk", role: "toolbar", "aria-label": labels.bulk, "data-key": "b", "data-key-label": labels.bulk, onClick: enter },
    h("b", { className: "md" }, whole ? number : words(number, labels.chosen)), verb ? stages : offer);
}

// the pasted block, cell by cell, with what is wrong beside it; nothing is written before it is confirmed
export function PasteDialog({ view, told, block, labels, close, onPaste }) {
  const box = useRef(null);
  useEffect(() => { if (box.current && !box.current.open) box.current.showModal(); }, []);
  const names = Object.fromEntries(view.rows.map((row) => [row[0], row[2]]));
  const titles = Object.fromEntries(view.columns.map((column) => [column.key, column.label]));
  const keys = [...new Set(told.cells.map(([, key]) => key))];
  const ids = [...new Set(told.cells.map(([id]) => id))];
  const by = Object.fromEntries(told.cells.map(([id, key, text, error]) => [id + "|" + key, [text, error]]));
  const cell = (id, key) => {
    const [text, error] = by[id + "|" + key] || ["", ""];
    return h("td", { key, className: error ? "bad" : "" }, text || "—", error ? h("span", { className: "s red block" }, error) : null);
  };
  return h("dialog", { ref: box, className: "paste", "aria-label": labels.pasteTitle, onClose: close },
    h("header", { className: "b" }, labels.pasteTitle),
    h("p", { className: "m s" }, words(told.good, labels.goodCells) + ", " + words(told.bad, labels.refusedOnes) + (block.left ? " · " + labels.pasteLeft[block.left < 2 ? 0 : 1].replace("{count}", block.left) : "")),
    told.error ? h("p", { className: "red", role: "alert" }, told.error) : null,
    h("div", { className: "paste-body" },
      h("table", null, h("thead", null, h("tr", null, h("th", null, ""), keys.map((key) => h("th", { key }, titles[key])))),
        h("tbody", null, ids.map((id) => h("tr", { key: id }, h("th", { scope: "row" }, names[id] || ""), keys.map((key) => cell(id, key))))))),
    h("div", { className: "row g6" },
      told.good ? h("button", { type: "button", className: "btn sm p", autoFocus: true, onClick: () => { onPaste(block.cells); close(); } }, labels.pasteDo[told.good < 2 ? 0 : 1].replace("{count}", told.good)) : null,
      h("button", { type: "button", className: "btn sm q", onClick: close }, labels.cancel)));
}
