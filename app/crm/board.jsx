// The board of a pipeline: columns with cards that are dragged, sent on by a key, or by the menu of the card. A moved card stands
// at once in its new column; the next `view` of the server settles where it is.
import { createElement as h, useEffect, useMemo, useState } from "react";

const EMPTY = { columns: [], stages: [], may: false };

function parsed(text) {
  try {
    return text ? { ...EMPTY, ...JSON.parse(text) } : EMPTY;
  } catch {
    return EMPTY;
  }
}

const initials = (name) => name.split(/\s+/).map((part) => part.slice(0, 1)).join("").slice(0, 3);

function placed(view, moved) {
  const cards = view.columns.flatMap((column) => column.cards.map((card) => [moved[card.id] || column.id, card]));
  return view.columns.map((column) => ({ ...column, cards: cards.filter(([at]) => at === column.id).map(([, card]) => card) }));
}

function Card({ card, at, next, view, labels, move, setDragged }) {
  const choose = (event) => { if (event.target.value) move(card.id, event.target.value); event.target.value = ""; };
  const tools = !view.may ? null : h("span", { className: "card-tools" },
    next ? h("button", { type: "button", className: "btn q sm", "data-line-key": "e", title: labels.next + " : " + next.name, "aria-label": labels.next + " : " + next.name, onClick: () => move(card.id, next.id) }, "→") : null,
    h("select", { className: "in sm", "aria-label": labels.move, defaultValue: "", onChange: choose },
      h("option", { value: "" }, labels.move),
      view.stages.filter(([id]) => id !== at).map(([id, name]) => h("option", { key: id, value: id }, name))));
  return h("article", {
    className: "card" + (card.old ? " old" : ""), tabIndex: 0, "data-line": card.href, draggable: view.may, "aria-label": card.name,
    onDragStart: (event) => { event.dataTransfer.setData("text/plain", card.id); event.dataTransfer.effectAllowed = "move"; setDragged(card.id); },
    onDragEnd: () => setDragged(null),
  },
    h("a", { href: card.href, className: "md card-name", draggable: false }, card.name),
    h("div", { className: "row s" }, h("span", { className: "m el" }, card.party), h("span", { className: "sp" }), h("b", { className: "md" }, card.amount)),
    h("div", { className: "row s" }, h("span", { className: card.late ? "red" : "m" }, card.when), h("span", { className: "el " + (card.noStep ? "amb" : "") }, card.step)),
    h("div", { className: "row s f" }, h("span", { className: card.old ? "red" : "" }, card.here), card.close ? h("span", null, card.close) : null, h("span", { className: "sp" }), h("span", { title: card.owner }, initials(card.owner))),
    tools);
}

function Column({ column, next, view, labels, listAt, move, dragged, setDragged }) {
  const [over, setOver] = useState(false);
  const takes = dragged && column.id && !column.cards.some((card) => card.id === dragged);
  const drop = (event) => { event.preventDefault(); setOver(false); const id = event.dataTransfer.getData("text/plain"); if (id && takes) move(id, column.id); };
  const address = listAt + "?state=open&stage=" + (column.id || "none");
  return h("section", {
    className: "stage" + (over && takes ? " over" : ""), "aria-label": column.name,
    onDragOver: (event) => { if (takes) { event.preventDefault(); setOver(true); } }, onDragLeave: () => setOver(false), onDrop: drop,
  },
    h("header", null,
      h("div", { className: "row" }, h("h2", { className: "el" }, column.name), h("span", { className: "m" }, column.count), h("span", { className: "sp" }), h("span", { className: "f s" }, column.chance)),
      h("div", { className: "row s m" }, column.amount, h("span", { className: "sp" }), column.weighted ? labels.weighted + " " + column.weighted : "")),
    h("div", { className: "cards", tabIndex: column.cards.length ? -1 : undefined },
      column.cards.map((card) => h(Card, { key: card.id, card, at: column.id, next, view, labels, move, setDragged })),
      column.cards.length ? null : h("p", { className: "f s" }, labels.empty),
      column.more ? h("a", { href: address, className: "lk s" }, column.more) : null));
}

export function StageBoard({ view: given, labels, listAt, onMove }) {
  const view = useMemo(() => parsed(given), [given]);
  const [moved, setMoved] = useState({});
  const [dragged, setDragged] = useState(null);
  useEffect(() => setMoved({}), [given]);
  const columns = placed(view, moved);
  const move = (id, stage) => { setMoved((now) => ({ ...now, [id]: stage })); onMove(id, stage); };
  const after = (at) => columns[at + 1] || null;
  return h("div", { className: "board", role: "group", "aria-label": labels.board },
    columns.map((column, at) => h(Column, { key: column.id || "none", column, next: after(at), view, labels, listAt, move, dragged, setDragged })));
}
