// The head of a list: its columns' order, width and sorting; and the menu that chooses them. All of it is in the address.
import { createElement as h, useEffect, useRef, useState } from "react";
import { cellClass } from "$/public/external/app/lists/table/cells.jsx";
import { paged, Popover, wanted } from "$/public/external/app/lists/table/tools.jsx";

const NARROWEST = 40;

// the widths that the address sets, by column
function widths(view) {
  const set = {};
  (paged(view.address).get("columns") || "").split(",").forEach((part) => {
    const [key, width] = part.split("~");
    if (width) set[key] = width;
  });
  return set;
}

export function withColumns(view, keys, changed) {
  const params = wanted(view);
  const set = { ...widths(view), ...changed };
  params.set("columns", keys.map((key) => (set[key] ? key + "~" + set[key] : key)).join(","));
  return params;
}

const moved = (keys, key, by) => {
  const at = keys.indexOf(key);
  const to = Math.max(0, Math.min(keys.length - 1, at + by));
  const rest = keys.filter((one) => one !== key);
  return [...rest.slice(0, to), key, ...rest.slice(to)];
};

function Edge({ view, column, labels, ask }) {
  const start = useRef(null);
  const down = (event) => {
    const cell = event.currentTarget.closest("th");
    start.current = { x: event.clientX, width: cell.offsetWidth, cell };
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
    event.stopPropagation();
  };
  const widthAt = (event) => Math.max(NARROWEST, Math.round(start.current.width + event.clientX - start.current.x));
  const move = (event) => { if (start.current) start.current.cell.style.width = widthAt(event) + "px"; };
  const up = (event) => {
    if (!start.current) return;
    const width = widthAt(event);
    const isSame = width === start.current.width;
    start.current = null;
    if (!isSame) ask(withColumns(view, view.columns.map((one) => one.key), { [column.key]: width }));
  };
  return h("span", { className: "edge", role: "separator", "aria-orientation": "vertical", "aria-label": labels.width + " " + column.label, onPointerDown: down, onPointerMove: move, onPointerUp: up, onClick: (event) => event.stopPropagation(), draggable: false });
}

export function Head({ view, labels, ask, allChosen, chooseAll }) {
  const [over, setOver] = useState("");
  const dragged = useRef("");
  const keys = view.columns.map((column) => column.key);
  const drop = (key) => {
    setOver("");
    if (dragged.current && dragged.current !== key) ask(withColumns(view, moved(keys, dragged.current, keys.indexOf(key) - keys.indexOf(dragged.current)), {}));
    dragged.current = "";
  };
  const title = (column) => {
    const isBy = view.sort === column.sort || view.sort === "-" + column.sort;
    const falls = view.sort === "-" + column.sort;
    const press = () => {
      const params = wanted(view);
      const first = column.falls ? "-" + column.sort : column.sort;
      params.set("sort", !isBy ? first : falls ? column.sort : "-" + column.sort);
      ask(params);
    };
    const label = column.sort
      ? h("button", { type: "button", className: "bare-btn", onClick: press, "data-sort": column.key }, column.label, isBy ? h("span", { "aria-hidden": true }, falls ? "↓" : "↑") : null)
      : column.label;
    return h("th", {
      key: column.key, scope: "col", className: cellClass(column).replace(/ (m|s m)$/, "") + (over === column.key ? " over" : ""), style: column.width ? { width: column.width } : undefined,
      "aria-sort": isBy && column.sort ? (falls ? "descending" : "ascending") : "none", draggable: true,
      onDragStart: (event) => { dragged.current = column.key; event.dataTransfer.effectAllowed = "move"; },
      onDragOver: (event) => { event.preventDefault(); setOver(column.key); }, onDragLeave: () => setOver(""), onDrop: (event) => { event.preventDefault(); drop(column.key); },
    }, label, h(Edge, { view, column, labels, ask }));
  };
  return h("thead", null, h("tr", { role: "row" },
    h("th", { className: "pick", scope: "col" }, h("input", { type: "checkbox", checked: allChosen, onChange: chooseAll, "aria-label": labels.chooseAll })),
    view.columns.map(title)));
}

export function ColumnMenu({ view, labels, ask }) {
  const shown = view.columns.map((column) => column.key);
  const names = Object.fromEntries(view.allColumns);
  const box = useRef(null);
  const pressed = useRef(""); // a line that moves takes the focus along
  useEffect(() => {
    const again = pressed.current && box.current.querySelector("[data-press='" + CSS.escape(pressed.current) + "']");
    pressed.current = "";
    if (again) again.focus();
  }, [view.address]);
  const choose = (key) => {
    const next = shown.includes(key) ? shown.filter((one) => one !== key) : [...shown, key];
    if (!next.length) return;
    pressed.current = key;
    ask(withColumns(view, next, {}));
  };
  const shift = (key, by) => { pressed.current = key + by; ask(withColumns(view, moved(shown, key, by), {})); };
  const line = (key, isShown) =>
    h("div", { key, className: "row column-line" },
      h("label", { className: "check grow" }, h("input", { type: "checkbox", className: "in", checked: isShown, "data-press": key, onChange: () => choose(key) }), names[key]),
      isShown ? [[-1, "↑", labels.earlier], [1, "↓", labels.later]].map(([by, sign, label]) => h("button", { key: by, type: "button", className: "btn q sm ic", "aria-label": label + " " + names[key], "data-press": key + by, onClick: () => shift(key, by) }, sign)) : null);
  const others = view.allColumns.map(([key]) => key).filter((key) => !shown.includes(key));
  return h(Popover, { className: "btn q sm", label: labels.columns, title: labels.columns },
    h("div", { ref: box }, [...shown.map((key) => line(key, true)), ...others.map((key) => line(key, false))]));
}
