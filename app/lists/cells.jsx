// What a list's cells look like, what they are as text (for the clipboard), and the editor that opens in one.
import { createElement as h, memo, useEffect, useRef } from "react";
import { ProbabilityMark } from "$/public/external/app/components/marks/mark.jsx";

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
export const CLASSES = { money: "r", number: "r", text: "m", reason: "s m", next: "" };

export function textOf(kind, value) {
  if (value === null || value === undefined) return "";
  if (kind === "state") return String(value[1]);
  if (kind === "next") return [value[0], value[2]].filter(Boolean).join(" ");
  if (kind === "mark") return value[0] === null ? "" : String(value[0]);
  return String(value);
}

// a block as Excel takes it: one line per row, tabs between
export const asTsv = (lines) => lines.map((line) => line.map((text) => text.replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n");
export const fromTsv = (text) => text.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));

export const cellClass = (column) => "c-" + column.key.replace(".", "-") + " " + (CLASSES[column.kind] || "");

// what of a row a phone shows, on two lines: its name and a figure, then what it is about and a second figure (touch.css)
export function phonePlaces(columns) {
  const name = Math.max(0, columns.findIndex((column) => column.key === "name"));
  const others = columns.map((column, i) => ({ kind: column.kind, i })).filter((one) => one.i !== name);
  const mark = others.filter((one) => one.kind === "mark");
  const figures = others.filter((one) => one.kind === "money" || one.kind === "number");
  const words = others.filter((one) => !["mark", "money", "number", "reason"].includes(one.kind));
  const right = [...figures.slice(0, mark.length ? 1 : 2), ...mark];
  const left = words[0];
  const second = right[1] || words[1];
  const places = { [name]: "p1" };
  if (right[0]) places[right[0].i] = "p2";
  if (left) places[left.i] = "p3";
  if (second) places[second.i] = "p4";
  return places;
}

function Editor({ column, start, act }) {
  const box = useRef(null);
  const ended = useRef(false); // Enter and the blur that follows report once
  useEffect(() => { box.current.focus(); if (box.current.select) box.current.select(); }, []);
  const end = (how) => {
    if (ended.current) return;
    ended.current = true;
    act.endEdit(how === "cancel" ? null : box.current.value, how);
  };
  const press = (event) => {
    const how = { Enter: "stay", Escape: "cancel", Tab: event.shiftKey ? "back" : "on" }[event.key];
    if (!how) return;
    event.preventDefault();
    event.stopPropagation();
    end(how);
  };
  const shared = { ref: box, className: "in cell-in", "aria-label": column.label, onKeyDown: press, onBlur: () => end("blur"), onClick: (event) => event.stopPropagation(), onDoubleClick: (event) => event.stopPropagation() };
  const options = column.edit.options;
  if (!options) return h("input", { ...shared, type: "text", defaultValue: start });
  const now = options.find(([value, label]) => label === start || value === start);
  return h("select", { ...shared, defaultValue: now ? now[0] : "" }, now || start === "" ? null : h("option", { value: "", disabled: true }, start), options.map(([value, label]) => h("option", { key: value, value }, label)));
}

function Cell({ row, at, i, column, place, labels, state, act }) {
  const value = row[i + 2];
  const key = row[0] + "|" + column.key;
  const wrong = state.wrong[key];
  const isEdited = state.edited === i;
  const waiting = state.waiting[key];
  const shown = wrong ? wrong.text : waiting !== undefined ? waiting : null;
  const draw = CELLS[column.kind] || CELLS.text;
  const content = isEdited
    ? h(Editor, { column, start: shown === null ? textOf(column.kind, value) : shown, act })
    : shown !== null ? shown
    : i === 0
      ? h("a", { href: act.href(row[0]), tabIndex: -1, className: "md", onClick: (event) => { if (!event.metaKey && !event.ctrlKey) { event.preventDefault(); event.stopPropagation(); act.open(at); } } }, value)
      : draw(value, labels);
  const classes = [cellClass(column), place || "", state.cell === i ? "cur" : "", state.block && state.block[0] <= i && i <= state.block[1] ? "blk" : "", wrong ? "bad" : "", isEdited ? "editing" : "", column.edit ? "can" : ""];
  return h("td", { role: "gridcell", id: "cell-" + at + "-" + i, className: classes.filter(Boolean).join(" "), title: !isEdited && typeof value === "string" && value.length > 24 ? value : undefined, "aria-invalid": wrong ? true : undefined, onDoubleClick: column.edit ? (event) => { event.stopPropagation(); act.edit(at, i); } : undefined, onClick: (event) => act.clickCell(at, i, event) },
    content, wrong ? h("span", { className: "cell-error", role: "alert" }, wrong.error) : null);
}

const NOTHING = {};

// `cells` says what is special about this row: the current cell, the block, what is being edited, waits or was refused
export const Row = memo(function Row({ row, at, columns, places, labels, isCurrent, isChosen, cells, act }) {
  const state = { wrong: NOTHING, waiting: NOTHING, edited: -1, cell: -1, block: null, ...cells };
  return h("tr",
    { role: "row", id: "row-" + at, "aria-rowindex": at + 2, "aria-selected": isChosen, "data-id": row[0], className: (isCurrent ? "sel" : "") + (isChosen ? " chosen" : ""), onClick: (event) => act.click(at, event), onDoubleClick: () => act.open(at) },
    h("td", { className: "pick", role: "gridcell" },
      h("input", { type: "checkbox", tabIndex: -1, checked: isChosen, readOnly: true, "aria-label": labels.choose + " " + row[2], onClick: (event) => { event.stopPropagation(); act.choose(at, event.shiftKey); } })),
    columns.map((column, i) => h(Cell, { key: column.key, row, at, i, column, place: places[i], labels, state, act })));
});
