// The one list of records. The server answers an address with rows (`view`), then with totals and chips (`counts`), and a deed with
// `answer`: JSON texts, see table.py. Moving, choosing and opening an editor need no round trip. Rows are keyed by place, so that a new
// page repaints cells.
import { createElement as h, useEffect, useMemo, useRef, useState } from "react";
import { Bulk, PasteDialog } from "$/public/external/app/lists/table/bulk.jsx";
import { asTsv, fromTsv, phonePlaces, Row, textOf } from "$/public/external/app/lists/table/cells.jsx";
import { Head } from "$/public/external/app/lists/table/columns.jsx";
import { useClipboard, useKeys } from "$/public/external/app/lists/table/keys.jsx";
import { Tools, useAddress, wanted } from "$/public/external/app/lists/table/tools.jsx";

const MAY = { edit: false, export: false, share: false, roles: [] };
export const EMPTY = { rows: [], columns: [], allColumns: [], filters: [], ranges: [], custom: [], tabs: [], verbs: [], groupings: [], group: "", opened: null, may: MAY, address: "" };
const UNCOUNTED = { filterKey: null, total: null, totals: [""], quick: [], facets: [], groups: {} };

export function parsed(text, empty = EMPTY) {
  try {
    return text ? { ...empty, ...JSON.parse(text) } : null;
  } catch {
    return null;
  }
}

// as wide as its columns at least; a column without a width takes what is left
// beside the peek, reason and (below 1600 px) company give way; amount and probability never do: see crm.css
const givesWay = (key) => key === "reason" || (key === "company" && window.innerWidth < 1600);
const widthOf = (columns, isNarrow) => "max(100%, " + columns.filter((column) => !isNarrow || !givesWay(column.key)).reduce((sum, column) => sum + (parseInt(column.width, 10) || 150), 34) + "px)";

function Foot({ view, counts, isStale, labels, turn, busy }) {
  return h("div", { className: "list-foot row s m" },
    h("span", { "aria-live": "polite", className: "total" + (isStale ? " stale" : "") }, counts.totals[0]),
    counts.totals.slice(1).map(([label, value]) => h("span", { key: label, className: isStale ? "stale" : "" }, label + " ", h("b", { className: "md" }, value))),
    h("span", { className: "sp" }),
    view.stamp ? h("span", { className: "stamp" }, view.stamp) : null,
    h("button", { type: "button", className: "btn q sm ic", disabled: !view.hasBefore || busy, onClick: () => turn(-1), "aria-label": labels.before }, "‹"),
    h("button", { type: "button", className: "btn q sm ic", disabled: !view.hasMore || busy, onClick: () => turn(1), "aria-label": labels.after }, "›"));
}

// the groups of the view with their counts and totals; one of them is open and shows its rows
function Grouped({ view, counts, span, rows, ask }) {
  const groups = counts.groups[view.group] || [];
  const toggle = (value) => {
    const params = wanted(view);
    if (view.opened === value) params.delete("in"); else params.set("in", value);
    ask(params);
  };
  const lines = groups.map(([value, label, number, amount]) => {
    const isOpen = view.opened === value;
    return [
      h("tr", { key: "g" + value, className: "group", role: "row" },
        h("th", { colSpan: span, scope: "colgroup" }, h("button", { type: "button", className: "bare-btn row g6", "aria-expanded": isOpen, onClick: () => toggle(value) }, h("span", { "aria-hidden": true }, isOpen ? "▾" : "▸"), h("b", { className: "md" }, label), h("span", { className: "m" }, number), amount ? h("span", { className: "group-sum" }, amount) : null))),
      isOpen ? rows : null,
    ];
  });
  return lines.length ? lines : rows;
}

const NO_CELLS = {};
const onPhone = () => window.matchMedia("(max-width: 600px)").matches;

// what is special about each row, so that only rows that change are drawn again
function rowCells(at, row, { cur, col, block, edited, wrong, waiting }) {
  const keys = (told) => Object.keys(told).some((key) => key.startsWith(row[0] + "|"));
  const inBlock = block && block.rows[0] <= at && at <= block.rows[1];
  if (!(cur === at && col !== null) && !inBlock && !(edited && edited.at === at) && !keys(wrong) && !keys(waiting)) return NO_CELLS;
  return { cell: cur === at && col !== null ? col : -1, block: inBlock ? block.columns : null, edited: edited && edited.at === at ? edited.i : -1, wrong, waiting };
}

function useEdits({ live, onCell, answer }) {
  const [edited, setEdited] = useState(null);
  const [wrong, setWrong] = useState(NO_CELLS);
  const [waiting, setWaiting] = useState(NO_CELLS);
  const [patches, setPatches] = useState(NO_CELLS);
  const queue = useRef([]);
  const sent = useRef(null);
  const without = (told, key) => { const next = { ...told }; delete next[key]; return next; };
  const send = () => {
    if (sent.current || !queue.current.length) return;
    const { id, key, text } = (sent.current = queue.current.shift());
    const row = live.current.view.rows.find((one) => one[0] === id);
    if (!row) { sent.current = null; send(); return; }
    onCell(id, key, text, row[1]);
  };
  useEffect(() => {
    if (!answer || answer.what !== "cell") return;
    const key = answer.id + "|" + answer.column;
    const typed = sent.current ? sent.current.text : "";
    setWaiting((now) => without(now, key));
    if (answer.error) setWrong((now) => ({ ...now, [key]: { text: typed, error: answer.error } }));
    else {
      setWrong((now) => without(now, key));
      if (answer.row) {
        setPatches((now) => ({ ...now, [answer.id]: answer.row }));
        live.current.view = { ...live.current.view, rows: live.current.view.rows.map((row) => (row[0] === answer.id ? answer.row : row)) };
      }
    }
    sent.current = null;
    send();
  }, [answer]);
  const write = (id, key, text) => {
    setWaiting((now) => ({ ...now, [id + "|" + key]: text }));
    setWrong((now) => without(now, id + "|" + key));
    queue.current.push({ id, key, text });
    send();
  };
  const reset = () => { setEdited(null); setWrong(NO_CELLS); setWaiting(NO_CELLS); setPatches(NO_CELLS); };
  return { edited, setEdited, wrong, setWrong, waiting, patches, write, reset, without };
}

export function RecordTable({ view: given, counts: counted, answer: told, labels, linkTo, peeking, onQuery, onOpen, onPeek, onCell, onPreviewBulk, onBulk, onPreviewPaste, onPaste }) {
  const fresh = useMemo(() => parsed(given), [given]);
  const counts = useMemo(() => parsed(counted, UNCOUNTED) || UNCOUNTED, [counted]);
  const answer = useMemo(() => parsed(told, {}), [told]);
  const [busy, ask] = useAddress(fresh, onQuery);
  const [cur, setCur] = useState(0);
  const [col, setCol] = useState(null);
  const [end, setEnd] = useState(null);
  const [chosen, setChosen] = useState(() => new Set());
  const [whole, setWhole] = useState(false);
  const [pasted, setPasted] = useState(null);
  const [dismissed, setDismissed] = useState(null);
  const box = useRef(null);
  const live = useRef({});
  const edits = useEdits({ live, onCell, answer });
  const view = useMemo(() => fresh && { ...fresh, rows: fresh.rows.map((row) => edits.patches[row[0]] || row) }, [fresh, edits.patches]);
  const places = useMemo(() => phonePlaces(fresh ? fresh.columns : []), [fresh]);
  const filterKey = view ? view.filterKey : "";
  const clear = () => { setChosen(new Set()); setWhole(false); };
  useEffect(clear, [filterKey]);
  useEffect(() => {
    setCur(live.current.toEnd ? Math.max(0, (fresh ? fresh.rows.length : 1) - 1) : 0);
    setEnd(null);
    edits.reset();
    live.current.toEnd = false;
    if (box.current) box.current.scrollTop = 0;
  }, [given]);

  const act = useMemo(() => {
    const rows = () => live.current.view.rows;
    const columns = () => live.current.view.columns;
    const nextEditable = (from, by) => { for (let i = from; i >= 0 && i < columns().length; i += by) if (columns()[i].edit) return i; return null; };
    const show = (at, i) => {
      const cell = document.getElementById(i === null ? "row-" + at : "cell-" + at + "-" + i);
      if (cell) cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    };
    return {
      click: (at, event) => { if (onPhone()) { act.open(at); return; } setCur(at); setEnd(null); if (event.ctrlKey || event.metaKey) act.choose(at, false); else if (event.shiftKey) act.choose(at, true); else if (live.current.peeking) onPeek(rows()[at][0]); },
      clickCell: (at, i, event) => { live.current.byKey = false; if (!event.ctrlKey && !event.metaKey && !event.shiftKey && i > 0) setCol(i); else if (i === 0) setCol(null); },
      choose: (at, isRange) => {
        const from = isRange && live.current.anchor !== undefined ? live.current.anchor : at;
        const ids = rows().slice(Math.min(from, at), Math.max(from, at) + 1).map((row) => row[0]);
        setWhole(false);
        setChosen((now) => { const next = new Set(now); if (isRange) ids.forEach((id) => next.add(id)); else if (!next.delete(rows()[at][0])) next.add(rows()[at][0]); return next; });
        if (!isRange) live.current.anchor = at;
      },
      chooseOn: (by) => { const { cur: at } = live.current; if (live.current.anchor === undefined) live.current.anchor = at; act.move(at + by); act.choose(Math.max(0, Math.min(rows().length - 1, at + by)), true); },
      open: (at) => onOpen(rows()[at][0]),
      peek: (at) => onPeek(rows()[at][0]),
      href: (id) => linkTo.replace("{id}", id),
      move: (to) => {
        const { view: now } = live.current;
        if (to >= now.rows.length && now.hasMore) return act.turn(1);
        if (to < 0 && now.hasBefore) { live.current.toEnd = true; return act.turn(-1); }
        const at = Math.max(0, Math.min(now.rows.length - 1, to));
        setCur(at);
        setEnd(null);
        show(at, live.current.col);
        if (live.current.peeking) onPeek(now.rows[at][0]);
        return undefined;
      },
      turn: (by) => {
        const { view: now, ask: go, busy: isBusy } = live.current;
        if (isBusy || (by > 0 ? !now.hasMore : !now.hasBefore)) return;
        go(wanted(now), by > 0 ? { cursor: now.last } : { cursor: now.first, back: "1" });
      },
      aside: (by) => { live.current.byKey = true; const { col: now, cur: at } = live.current; const to = Math.max(0, Math.min(columns().length - 1, now === null ? (by > 0 ? 1 : 0) : now + by)); setCol(to); setEnd(null); show(at, to); },
      stretch: (down, across) => {
        const { cur: at, col: i, end: now } = live.current;
        const from = now || { at, i };
        setEnd({ at: Math.max(0, Math.min(rows().length - 1, from.at + down)), i: Math.max(0, Math.min(columns().length - 1, from.i + across)) });
      },
      leaveCells: () => { const { view: now, cur: at, col: i } = live.current; setCol(null); setEnd(null); edits.setWrong((wrong) => edits.without(wrong, now.rows[at][0] + "|" + now.columns[i].key)); },
      edit: (at, i) => {
        const to = i === null || i === undefined ? nextEditable(0, 1) : i;
        if (to === null || !columns()[to].edit) return;
        live.current.byKey = true;
        setCur(at); setCol(to); setEnd(null); edits.setEdited({ at, i: to });
      },
      endEdit: (text, how) => {
        const { at, i } = live.current.edited;
        const row = rows()[at], column = columns()[i];
        edits.setEdited(null);
        if (text !== null && (text !== textOf(column.kind, row[i + 2]) || live.current.wrong[row[0] + "|" + column.key])) {
          const option = column.edit.options && column.edit.options.find(([value]) => value === text);
          if (!option || option[1] !== textOf(column.kind, row[i + 2])) live.current.write(row[0], column.key, text);
        }
        if (how === "on" || how === "back") { const to = nextEditable(i + (how === "on" ? 1 : -1), how === "on" ? 1 : -1); if (to !== null) act.edit(at, to); }
        else if (box.current && how !== "blur") box.current.focus();
      },
      copied: () => {
        const { block, chosen: some, cur: at } = live.current;
        const lines = block ? rows().slice(block.rows[0], block.rows[1] + 1) : some.size ? rows().filter((row) => some.has(row[0])) : [rows()[at]];
        const [first, last] = block ? block.columns : [0, columns().length - 1];
        return asTsv(lines.map((row) => columns().slice(first, last + 1).map((column, i) => textOf(column.kind, row[first + i + 2]))));
      },
      paste: (text) => {
        const lines = fromTsv(text);
        const start = live.current.col === null ? nextEditable(0, 1) : live.current.col;
        if (start === null) return;
        const fits = rows().slice(live.current.cur, live.current.cur + lines.length);
        const cells = fits.flatMap((row, n) => lines[n].slice(0, columns().length - start).map((one, i) => [row[0], row[1], columns()[start + i].key, one]));
        setPasted({ cells, left: lines.length - fits.length });
        onPreviewPaste(cells);
      },
    };
  }, [linkTo, onOpen, onPeek]);
  const block = end && col !== null ? { rows: [Math.min(cur, end.at), Math.max(cur, end.at)], columns: [Math.min(col, end.i), Math.max(col, end.i)] } : null;
  const isFolded = view && view.group && view.opened === null;
  Object.assign(live.current, { view, ask, busy, cur, col, end, block, chosen, act, edited: edits.edited, wrong: edits.wrong, write: edits.write, count: view && !isFolded ? view.rows.length : 0, peeking: Boolean(peeking) });
  useKeys(live);
  useClipboard(live);

  if (!view) return h("div", { className: "record-table", "aria-busy": true }, [1, 2, 3, 4, 5, 6].map((i) => h("div", { key: i, className: "bone" })));
  const ids = view.rows.map((row) => row[0]);
  const allChosen = whole || (ids.length > 0 && ids.every((id) => chosen.has(id)));
  const chooseAll = () => { setWhole(false); setChosen((now) => { const next = new Set(now); ids.forEach((id) => (allChosen ? next.delete(id) : next.add(id))); return next; }); };
  const special = { cur, col, block, edited: edits.edited, wrong: edits.wrong, waiting: edits.waiting };
  const rows = isFolded ? null : view.rows.map((row, at) => h(Row, { key: at, row, at, columns: view.columns, places, labels, isCurrent: at === cur, isChosen: whole || chosen.has(row[0]), cells: rowCells(at, row, special), act }));
  const asked = answer && answer.n !== dismissed ? answer : {};
  const isEmpty = !view.rows.length && !view.error;
  return h("div", { className: peeking ? "record-table peeking" : "record-table" },
    h(Tools, { view, counts, labels, ask }),
    busy ? h("div", { className: "loading", role: "progressbar", "aria-label": labels.loading }) : null,
    view.error ? h("div", { className: "callout error", role: "alert" }, h("div", { className: "md red" }, labels.refused), h("div", { className: "s" }, view.error), h("button", { type: "button", className: "btn sm", onClick: () => ask(new URLSearchParams()) }, labels.startAgain)) : null,
    view.error ? null : h("div", { ref: box, className: "list", tabIndex: 0, "aria-label": labels.list },
      h("table", { role: "grid", style: { minWidth: widthOf(view.columns, peeking) }, "aria-rowcount": counts.total === null ? -1 : counts.total + 1, "aria-multiselectable": true, "aria-busy": busy, "data-shown": view.address },
        h(Head, { view, labels, ask, allChosen, chooseAll }),
        h("tbody", null, view.group ? h(Grouped, { view, counts, span: view.columns.length + 1, rows, ask }) : rows)),
      isEmpty ? h("div", { className: "empty" }, h("div", { className: "md" }, view.empty[0]), h("div", { className: "m s" }, view.empty[1]),
        view.empty[2] ? h("div", { className: "row g6" }, h("a", { className: "btn sm", href: view.empty[3] }, view.empty[2])) : h("div", { className: "row g6" }, h("button", { type: "button", className: "btn sm", onClick: () => ask(new URLSearchParams("view=all")) }, labels.showAll))) : null),
    (chosen.size || whole) && view.may.edit ? h(Bulk, { view, counts, labels, chosen, whole, setWhole, clear, told: asked.what === "bulk" ? asked : null, forget: () => setDismissed(answer ? answer.n : null), onPreview: onPreviewBulk, onBulk }) : null,
    pasted && asked.what === "paste" ? h(PasteDialog, { view, told: asked, block: pasted, labels, close: () => { setPasted(null); setDismissed(asked.n); }, onPaste }) : null,
    view.error ? null : h(Foot, { view, counts, isStale: counts.filterKey !== view.filterKey, labels, turn: act.turn, busy }));
}
