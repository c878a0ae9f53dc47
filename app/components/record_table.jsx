// The one list of records: rows, search, filters, order, columns, selection. The server answers an address with one JSON text
// (`view`, see record_table.py); moving and choosing need no round trip. Rows are keyed by place, so that a new page repaints cells.
import { createElement as h, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ProbabilityMark } from "$/public/external/app/components/marks/mark.jsx";

const TYPING_MS = 220;
const EMPTY = { rows: [], columns: [], facets: [], quick: [], filters: [], tabs: [], people: [], may: {}, address: "" };

function parsed(view) {
  try {
    return view ? { ...EMPTY, ...JSON.parse(view) } : null;
  } catch {
    return null;
  }
}

const paged = (address) => {
  const params = new URLSearchParams(address);
  ["cursor", "back"].forEach((name) => params.delete(name));
  return params;
};

// --- cells

const CELLS = {
  strong: (v) => h("span", { className: "md" }, v),
  text: (v) => v,
  money: (v) => v,
  number: (v) => v,
  state: (v) => h("span", { className: "st " + v[0] }, h("i", { style: { "--w": v[2] + "%" } }), v[1]),
  next: (v) => h("span", { className: "s" }, h("span", { className: "when " + v[1] }, v[0]), v[2]),
  mark: (v, labels) =>
    h(ProbabilityMark, { p: v[0], low: v[1], high: v[2], hollow: false, width: 48, interval: true, label: labels.mark, labelNone: labels.markNone }),
};
const CLASSES = { money: "r", number: "r", text: "m", reason: "s m", next: "" };

const Row = memo(function Row({ row, at, columns, labels, isCurrent, isChosen, act }) {
  return h(
    "tr",
    {
      role: "row", id: "row-" + at, "aria-rowindex": at + 2, "aria-selected": isChosen, "data-id": row[0],
      className: (isCurrent ? "sel" : "") + (isChosen ? " chosen" : ""), onClick: (event) => act.click(at, event), onDoubleClick: () => act.open(at),
    },
    h("td", { className: "pick", role: "gridcell" },
      h("input", { type: "checkbox", tabIndex: -1, checked: isChosen, readOnly: true, "aria-label": labels.choose + " " + row[2], onClick: (event) => { event.stopPropagation(); act.toggle(at); } })),
    columns.map((column, i) => {
      const value = row[i + 2];
      const draw = CELLS[column.kind] || CELLS.text;
      const shown = i === 0
        ? h("a", { href: act.href(row[0]), tabIndex: -1, className: "md", onClick: (event) => { if (!event.metaKey && !event.ctrlKey) { event.preventDefault(); event.stopPropagation(); act.open(at); } } }, value)
        : draw(value, labels);
      return h("td", { key: column.key, role: "gridcell", className: "c-" + column.key.replace(".", "-") + " " + (CLASSES[column.kind] || ""), title: typeof value === "string" && value.length > 24 ? value : undefined }, shown);
    }),
  );
});

// as wide as its columns at least; a column without a width takes what is left
const widthOf = (columns, isNarrow) => "max(100%, " + columns.filter((column) => !isNarrow || column.key !== "reason").reduce((sum, column) => sum + (parseInt(column.width, 10) || 150), 34) + "px)";

// --- the address

function useAddress(view, onQuery) {
  const [busy, setBusy] = useState(false);
  const seen = useRef(null);
  useEffect(() => setBusy(false), [view]);
  const ask = useCallback((params, page) => {
    setBusy(true);
    const base = params.toString();
    seen.current = base;
    window.history.replaceState(window.history.state, "", window.location.pathname + (base ? "?" + base : ""));
    const asked = new URLSearchParams(params);
    Object.entries(page || {}).forEach(([name, value]) => asked.set(name, value));
    onQuery(asked.toString());
  }, [onQuery]);
  return [busy, ask];
}

function toggled(address, name, value) {
  const params = paged(address);
  const now = params.getAll(name);
  params.delete(name);
  const next = now.includes(value) ? now.filter((one) => one !== value) : [...now, value];
  next.forEach((one) => params.append(name, one));
  return params;
}

// --- parts

function Popover({ label, className, children, keyName, title }) {
  const box = useRef(null);
  useEffect(() => {
    const close = (event) => {
      if (box.current && box.current.open && !box.current.contains(event.target)) box.current.open = false;
    };
    const escape = (event) => { if (event.key === "Escape" && box.current && box.current.open) { box.current.open = false; event.stopPropagation(); } };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", escape, true);
    return () => { document.removeEventListener("pointerdown", close); document.removeEventListener("keydown", escape, true); };
  }, []);
  return h("details", { className: "menu", ref: box },
    h("summary", { className, title, ...(keyName ? { "data-key": keyName, "data-key-label": title } : {}) }, label),
    h("div", { className: "pop", onClick: (event) => { if (event.target.closest("a")) box.current.open = false; } }, children));
}

function Quick({ view, ask }) {
  return view.quick.map((one) => {
    const press = () => {
      const params = paged(view.address);
      Object.keys(one.set).forEach((name) => params.delete(name));
      if (!one.on) Object.entries(one.set).forEach(([name, values]) => values.forEach((value) => params.append(name, value)));
      if (one.on && !params.toString()) params.set("view", "all");
      ask(params);
    };
    return h("button", { key: one.key, type: "button", className: "chip" + (one.on ? " on" : ""), "aria-pressed": one.on, onClick: press },
      one.label, one.count === null || one.count === undefined ? null : h("span", { className: "n" }, one.count));
  });
}

function Active({ view, labels, ask }) {
  return view.filters.map((filter) =>
    h("span", { key: filter.name + filter.value, className: "chip on" }, filter.label,
      h("button", {
        type: "button", className: "bare-btn", "aria-label": labels.removeFilter + " " + filter.label,
        onClick: () => {
          const params = paged(view.address);
          const kept = params.getAll(filter.name).filter((value) => value !== filter.value);
          params.delete(filter.name);
          kept.forEach((value) => params.append(filter.name, value));
          ask(params);
        },
      }, "×")));
}

function FacetMenu({ view, labels, ask }) {
  const groups = view.facets.map((facet) =>
    h("fieldset", { key: facet.key }, h("legend", null, facet.label),
      facet.options.map(([value, label, count]) => h("label", { key: value, className: "check" },
        h("input", { type: "checkbox", className: "in", checked: facet.chosen.includes(value), onChange: () => ask(toggled(view.address, facet.key, value)) }),
        h("span", { className: "el" }, label), h("span", { className: "f n" }, count)))));
  const submit = (event) => {
    event.preventDefault();
    const params = paged(view.address);
    const form = new FormData(event.currentTarget);
    view.ranges.forEach((range) => {
      params.delete(range.name);
      const typed = String(form.get(range.name) || "").trim();
      if (typed) params.set(range.name, range.percent ? String(Number(typed) / 100) : typed);
    });
    const key = form.get("custom_key");
    const typed = String(form.get("custom_value") || "").trim();
    if (key && typed) params.append("custom." + key, form.get("custom_operator") + ":" + typed);
    ask(params);
  };
  const ranges = (view.ranges || []).map((range) => h("label", { key: range.name, className: "fld" }, h("span", { className: "lb" }, range.label),
    h("input", { name: range.name, className: "in", type: range.type, placeholder: range.percent ? undefined : "31.12.2026", min: range.percent ? 0 : undefined, max: range.percent ? 100 : undefined, defaultValue: range.value })));
  const custom = (view.custom || []).length
    ? h("div", { className: "custom-filter" },
        h("select", { name: "custom_key", className: "in", "aria-label": labels.field }, view.custom.map(([key, label]) => h("option", { key, value: key }, label))),
        h("select", { name: "custom_operator", className: "in", "aria-label": labels.operator }, labels.operators.map(([value, label]) => h("option", { key: value, value }, label))),
        h("input", { name: "custom_value", className: "in", "aria-label": labels.value, placeholder: labels.value }))
    : null;
  return h(Popover, { className: "chip dash", label: ["+ ", labels.filter, " ", h("kbd", { key: "k" }, "F")], keyName: "f", title: labels.filter },
    h("div", { className: "facets" }, groups),
    h("form", { onSubmit: submit, key: view.address }, h("div", { className: "fields" }, ranges), custom,
      h("div", { className: "row g6" }, h("button", { type: "submit", className: "btn sm p" }, labels.apply))));
}

function SearchBox({ view, labels, ask }) {
  const timer = useRef(0);
  const box = useRef(null);
  const asked = view.search || "";
  useEffect(() => { if (box.current && document.activeElement !== box.current) box.current.value = asked; }, [asked]);
  const type = (event) => {
    const text = event.target.value;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const params = paged(view.address);
      if (text.trim()) params.set("q", text); else params.delete("q");
      if (!params.toString()) params.set("view", "all");
      ask(params);
    }, TYPING_MS);
  };
  return h("input", { ref: box, type: "search", className: "in search", defaultValue: asked, placeholder: labels.search, "aria-label": labels.search, "data-key": "/", "data-key-label": labels.search, onInput: type });
}

function Head({ view, labels, ask, allChosen, chooseAll }) {
  return h("thead", null, h("tr", { role: "row" },
    h("th", { className: "pick", scope: "col" }, h("input", { type: "checkbox", checked: allChosen, onChange: chooseAll, "aria-label": labels.chooseAll })),
    view.columns.map((column) => {
      const isBy = view.sort === column.sort || view.sort === "-" + column.sort;
      const falls = view.sort === "-" + column.sort;
      const press = () => {
        const params = paged(view.address);
        const first = column.falls ? "-" + column.sort : column.sort;
        params.set("sort", !isBy ? first : falls ? column.sort : "-" + column.sort);
        ask(params);
      };
      const label = column.sort
        ? h("button", { type: "button", className: "bare-btn", onClick: press, "data-sort": column.key }, column.label, isBy ? h("span", { "aria-hidden": true }, falls ? "↓" : "↑") : null)
        : column.label;
      return h("th", { key: column.key, scope: "col", className: "c-" + column.key.replace(".", "-") + " " + (CLASSES[column.kind] === "r" ? "r" : ""), style: column.width ? { width: column.width } : undefined, "aria-sort": isBy ? (falls ? "descending" : "ascending") : "none" }, label);
    })));
}

function Bulk({ view, labels, chosen, clear, onBulk }) {
  const [verb, setVerb] = useState("");
  const ids = [...chosen];
  const send = (event) => {
    event.preventDefault();
    const value = String(new FormData(event.currentTarget).get("value") || "");
    onBulk(verb, ids, value);
    setVerb("");
    clear();
  };
  const field = verb === "assign"
    ? h("select", { name: "value", className: "in", required: true, autoFocus: true, "aria-label": labels.assignTo }, view.people.map(([id, name]) => h("option", { key: id, value: id }, name)))
    : h("input", { name: "value", className: "in", required: true, autoFocus: true, placeholder: labels.loseReason, "aria-label": labels.loseReason, maxLength: 500 });
  const confirm = (verb === "assign" ? labels.assignCount : labels.loseCount).replace("{count}", ids.length);
  return h("div", { className: "bulk", role: "toolbar", "aria-label": labels.bulk },
    h("b", { className: "md" }, labels.chosen.replace("{count}", ids.length)),
    verb
      ? h("form", { onSubmit: send, className: "row g6" }, field, h("button", { type: "submit", className: "btn sm " + (verb === "lose" ? "danger" : "p") }, confirm), h("button", { type: "button", className: "btn sm q", onClick: () => setVerb("") }, labels.cancel))
      : [
          h("button", { key: "a", type: "button", className: "btn sm", onClick: () => setVerb("assign") }, labels.assign),
          h("button", { key: "l", type: "button", className: "btn sm danger", onClick: () => setVerb("lose") }, labels.lose),
          h("button", { key: "c", type: "button", className: "btn sm q", onClick: clear }, labels.clear),
        ]);
}

function Foot({ view, labels, turn, busy }) {
  return h("div", { className: "list-foot row s m" },
    h("span", { "aria-live": "polite", className: "total" }, view.totals[0]),
    view.totals.slice(1).map(([label, value]) => h("span", { key: label }, label + " ", h("b", { className: "md" }, value))),
    h("span", { className: "sp" }),
    view.stamp ? h("span", { className: "stamp" }, view.stamp) : null,
    h("button", { type: "button", className: "btn q sm ic", disabled: !view.hasBefore || busy, onClick: () => turn(-1), "aria-label": labels.before }, "‹"),
    h("button", { type: "button", className: "btn q sm ic", disabled: !view.hasMore || busy, onClick: () => turn(1), "aria-label": labels.after }, "›"));
}

// --- keys: J K to move, Enter to open, Space to look, X to choose; never while typing

function useKeys(live) {
  useEffect(() => {
    const press = (event) => {
      const target = event.target;
      const isBusy = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox";
      if (isBusy || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], details.menu[open]")) return;
      const { act, cur, count } = live.current;
      const onControl = /^(BUTTON|A|SUMMARY)$/.test(target.tagName) && (event.key === "Enter" || event.key === " ");
      if (onControl || !count) return;
      const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
      if (event.key in moves) act.move(cur + moves[event.key]);
      else if (event.key === "Home") act.move(0);
      else if (event.key === "End") act.move(count - 1);
      else if (event.key === "PageDown") act.turn(1);
      else if (event.key === "PageUp") act.turn(-1);
      else if (event.key === "Enter") act.open(cur);
      else if (event.key === " ") act.peek(cur);
      else if (event.key === "x") act.toggle(cur);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  }, [live]);
}

export function RecordTable({ view: given, labels, linkTo, peeking, onQuery, onOpen, onPeek, onBulk }) {
  const view = useMemo(() => parsed(given), [given]);
  const [busy, ask] = useAddress(given, onQuery);
  const [cur, setCur] = useState(0);
  const [chosen, setChosen] = useState(() => new Set());
  const box = useRef(null);
  const live = useRef({});
  const filterKey = view ? view.filterKey : "";
  useEffect(() => setChosen(new Set()), [filterKey]);
  useEffect(() => { setCur(live.current.toEnd ? Math.max(0, (view ? view.rows.length : 1) - 1) : 0); live.current.toEnd = false; if (box.current) box.current.scrollTop = 0; }, [given]);

  const act = useMemo(() => ({
    click: (at, event) => { setCur(at); if (event.ctrlKey || event.metaKey) act.toggle(at); else if (live.current.peeking) onPeek(live.current.view.rows[at][0]); },
    toggle: (at) => setChosen((now) => { const next = new Set(now); const id = live.current.view.rows[at][0]; if (!next.delete(id)) next.add(id); return next; }),
    open: (at) => onOpen(live.current.view.rows[at][0]),
    peek: (at) => onPeek(live.current.view.rows[at][0]),
    href: (id) => linkTo.replace("{id}", id),
    move: (to) => {
      const { view: now } = live.current;
      if (to >= now.rows.length && now.hasMore) return act.turn(1);
      if (to < 0 && now.hasBefore) { live.current.toEnd = true; return act.turn(-1); }
      const at = Math.max(0, Math.min(now.rows.length - 1, to));
      setCur(at);
      const row = box.current && box.current.querySelectorAll("tbody tr")[at];
      if (row) row.scrollIntoView({ block: "nearest" });
      if (live.current.peeking) onPeek(now.rows[at][0]);
      return undefined;
    },
    turn: (by) => {
      const { view: now, ask: go, busy: isBusy } = live.current;
      if (isBusy || (by > 0 ? !now.hasMore : !now.hasBefore)) return;
      go(paged(now.address), by > 0 ? { cursor: now.last } : { cursor: now.first, back: "1" });
    },
  }), [linkTo, onOpen, onPeek]);
  Object.assign(live.current, { view, ask, busy, cur, act, count: view ? view.rows.length : 0, peeking: Boolean(peeking) });
  useKeys(live);

  if (!view) return h("div", { className: "record-table", "aria-busy": true }, [1, 2, 3, 4, 5, 6].map((i) => h("div", { key: i, className: "bone" })));
  const ids = view.rows.map((row) => row[0]);
  const allChosen = ids.length > 0 && ids.every((id) => chosen.has(id));
  const chooseAll = () => setChosen((now) => { const next = new Set(now); ids.forEach((id) => (allChosen ? next.delete(id) : next.add(id))); return next; });
  return h("div", { className: peeking ? "record-table peeking" : "record-table" },
    h("div", { className: "tools" },
      h(SearchBox, { view, labels, ask }), h(Quick, { view, ask }), h(Active, { view, labels, ask }), h(FacetMenu, { view, labels, ask }),
      h("span", { className: "sp" }), h("span", { className: "s f sorted" }, view.sorted)),
    busy ? h("div", { className: "loading", role: "progressbar", "aria-label": labels.loading }) : null,
    view.error ? h("div", { className: "callout error", role: "alert" }, h("div", { className: "md red" }, labels.refused), h("div", { className: "s" }, view.error), h("button", { type: "button", className: "btn sm", onClick: () => ask(new URLSearchParams()) }, labels.startAgain)) : null,
    view.error ? null : h("div", { ref: box, className: "list", tabIndex: 0, "aria-label": labels.list },
      h("table", { role: "grid", style: { minWidth: widthOf(view.columns, peeking) }, "aria-rowcount": view.total === null ? -1 : view.total + 1, "aria-multiselectable": true, "aria-busy": busy },
        h(Head, { view, labels, ask, allChosen, chooseAll }),
        h("tbody", null, view.rows.map((row, at) => h(Row, { key: at, row, at, columns: view.columns, labels, isCurrent: at === cur, isChosen: chosen.has(row[0]), act })))),
      view.rows.length || view.error ? null : h("div", { className: "empty" }, h("div", { className: "md" }, view.empty[0]), h("div", { className: "m s" }, view.empty[1]),
        view.empty[2] ? h("div", { className: "row g6" }, h("a", { className: "btn sm", href: view.empty[3] }, view.empty[2])) : h("div", { className: "row g6" }, h("button", { type: "button", className: "btn sm", onClick: () => ask(new URLSearchParams("view=all")) }, labels.showAll)))),
    chosen.size && view.may.edit ? h(Bulk, { view, labels, chosen, clear: () => setChosen(new Set()), onBulk }) : null,
    view.error ? null : h(Foot, { view, labels, turn: act.turn, busy }));
}

// --- the head of the page: saved views as tabs, columns, export

export function RecordTabs({ view: given, labels, onQuery, onSaveView, onRemoveView }) {
  const view = useMemo(() => parsed(given) || EMPTY, [given]);
  const [, ask] = useAddress(given, onQuery);
  const save = (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onSaveView(String(form.get("name") || ""), paged(view.address).toString(), Boolean(form.get("shared")));
    event.currentTarget.closest("details").open = false;
    event.currentTarget.reset();
  };
  const choose = (key) => {
    const params = paged(view.address);
    const shown = view.columns.map((column) => column.key);
    const next = shown.includes(key) ? shown.filter((one) => one !== key) : [...shown, key];
    if (!next.length) return;
    params.set("columns", next.join(","));
    ask(params);
  };
  const exportTo = (kind) => "/pistes/export/" + kind + "?" + paged(view.address).toString();
  return h("div", { className: "record-tabs" },
    h("nav", { className: "tabs", "aria-label": labels.views },
      view.tabs.map((tab, i) => h("a", { key: tab.name + i, "aria-current": tab.on ? "page" : undefined, href: "?" + tab.query, className: "tab" + (tab.on ? " on" : ""), "data-key": i < 4 ? String(i + 1) : undefined, "data-key-label": tab.name, onClick: (event) => { event.preventDefault(); ask(new URLSearchParams(tab.query)); } },
        tab.name,
        tab.on && tab.id ? h("button", { type: "button", className: "bare-btn f", "aria-label": labels.removeView + " " + tab.name, onClick: (event) => { event.preventDefault(); event.stopPropagation(); onRemoveView(tab.id); } }, "×") : null)),
      h(Popover, { className: "tab f", label: "+", title: labels.saveView },
        h("form", { onSubmit: save }, h("label", { className: "fld" }, h("span", { className: "lb" }, labels.viewName), h("input", { name: "name", className: "in", required: true, maxLength: 60 })),
          view.may.share ? h("label", { className: "check" }, h("input", { type: "checkbox", name: "shared", className: "in" }), labels.shareView) : null,
          h("div", { className: "row g6" }, h("button", { type: "submit", className: "btn sm p" }, labels.saveView))))),
    h("span", { className: "sp" }),
    h(Popover, { className: "btn q sm", label: labels.columns, title: labels.columns },
      (view.allColumns || []).map(([key, label]) => h("label", { key, className: "check" }, h("input", { type: "checkbox", className: "in", checked: view.columns.some((column) => column.key === key), onChange: () => choose(key) }), label))),
    view.may.export ? h(Popover, { className: "btn q sm", label: labels.export, title: labels.export },
      h("a", { className: "it", href: exportTo("csv"), download: true }, "CSV"), h("a", { className: "it", href: exportTo("xlsx"), download: true }, "Excel (XLSX)")) : null);
}
