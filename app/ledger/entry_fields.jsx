// The fields of the entry screen: text, amount, and completion from the chart.
import { createElement as h, useState } from "react";
import { accountsLike, cents, shown } from "$/public/external/app/ledger/entering/entry_words.jsx";

// One input with a list below it. `options`: [key, text, right]; `pick(option)` is called for the chosen one.
export function Combo({ id, label, value, options, open, onType, pick, onLeave, error, placeholder, cell, className, after, required, free }) {
  const [at, setAt] = useState(free ? -1 : 0);
  const [isOpen, setOpen] = useState(false);
  const list = open && isOpen ? options : [];
  const chosen = Math.min(at, list.length - 1);
  const key = (event) => {
    if (!list.length || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, list.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, free ? -1 : 0));
    else if (event.key === "Escape") setOpen(false);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen < 0) return;
    else if (event.key === "Enter" || event.key === "Tab") { pick(list[chosen]); setOpen(false); return; }
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const lines = list.map((option, index) => h("li", {
    key: option[0], id: id + "-o" + index, role: "option", "aria-selected": index === chosen, className: index === chosen ? "on" : "",
    onMouseDown: (event) => { event.preventDefault(); pick(option); setOpen(false); },
  }, h("span", { className: "el" }, option[1]), option[2] ? h("span", { className: "m s nw" }, option[2]) : null));
  return h("span", { className: "ep-combo " + (className || "") },
    h("input", {
      id, className: "in" + (error ? " err" : ""), value, placeholder, "aria-label": label, autoComplete: "off", spellCheck: false,
      role: "combobox", "aria-expanded": list.length > 0, "aria-controls": id + "-list", "aria-autocomplete": "list",
      "aria-activedescendant": list.length && chosen >= 0 ? id + "-o" + chosen : undefined, "aria-invalid": Boolean(error) || undefined,
      "aria-describedby": error ? id + "-error" : undefined, "data-cell": cell, "aria-required": required || undefined,
      onChange: (event) => { setAt(free ? -1 : 0); setOpen(true); onType(event.target.value); }, onKeyDown: key,
      onBlur: () => { setOpen(false); if (onLeave) onLeave(); }, onFocus: (event) => event.target.select(),
    }),
    after || null,
    h("ul", { id: id + "-list", role: "listbox", "aria-label": label, hidden: !list.length }, lines),
    error ? h("span", { id: id + "-error", className: "ep-error s red", role: "alert" }, error) : null);
}

export function AccountBox({ id, label, value, accounts, byNumber, set, error, labels, cell }) {
  const [typed, setTyped] = useState(null);
  const known = byNumber[value.toUpperCase()];
  const text = typed === null ? value : typed;
  const found = typed === null ? [] : accountsLike(accounts, typed);
  const pick = (option) => { setTyped(null); set(option[0]); };
  const leave = () => {
    if (typed === null) return;
    const exact = byNumber[typed.trim().toUpperCase()];
    set(exact ? exact[0] : found.length && typed.trim() ? found[0][0] : typed.trim());
    setTyped(null);
  };
  const problem = error || (typed === null && value && !known ? labels.unknown : "");
  return h(Combo, {
    id, label, value: text, cell, error: problem, options: found.map((one) => [one[0], one[0] + "  " + one[1], one[2] ? "◦" : ""]), open: typed !== null,
    onType: setTyped, pick, onLeave: leave, className: "ep-account",
    after: known && typed === null ? h("span", { className: "ep-name el m s", "aria-hidden": true, title: known[1] }, known[1]) : null,
  });
}

export function Cell({ id, label, value, set, error, placeholder, cell, className, mode, leave, keys }) {
  return h("span", { className: "ep-cell " + (className || "") },
    h("input", {
      id, className: "in" + (error ? " err" : ""), value, placeholder, "aria-label": label, autoComplete: "off", "data-cell": cell,
      inputMode: mode, maxLength: 200, "aria-invalid": Boolean(error) || undefined, "aria-describedby": error ? id + "-error" : undefined,
      onChange: (event) => set(event.target.value), onBlur: leave, onFocus: (event) => event.target.select(), onKeyDown: keys,
    }),
    error ? h("span", { id: id + "-error", className: "ep-error s red", role: "alert" }, error) : null);
}

export function Amount({ value, set, ...rest }) {
  const leave = () => { const read = cents(value); if (value.trim() && read !== null) set(shown(read)); };
  return h(Cell, { ...rest, value, set, leave, mode: "decimal", className: "ep-amount" });
}
