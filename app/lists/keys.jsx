// Keys of a list, and its clipboard: J K to move, Enter to open or edit, F2 to edit, Space to look, X to choose; never while typing.
import { useEffect } from "react";

const isTyping = (target) => /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox";
const isElsewhere = () => document.querySelector("dialog[open], details.menu[open]");

// a cell that was only clicked is where a block goes; Enter opens its record, as everywhere in the row
function pressed(event, { act, cur, col, count, byKey }) {
  const by = { j: 1, J: 1, ArrowDown: 1, k: -1, K: -1, ArrowUp: -1 }[event.key];
  if (by) return event.shiftKey ? (col === null ? act.chooseOn(by) : act.stretch(by, 0)) : act.move(cur + by);
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    const side = event.key === "ArrowRight" ? 1 : -1;
    return event.shiftKey && col !== null ? act.stretch(0, side) : act.aside(side);
  }
  if (event.key === "Home") return act.move(0);
  if (event.key === "End") return act.move(count - 1);
  if (event.key === "PageDown") return act.turn(1);
  if (event.key === "PageUp") return act.turn(-1);
  if (event.key === "F2") return act.edit(cur, col);
  if (event.key === "Enter") return col === null || !byKey ? act.open(cur) : act.edit(cur, col);
  if (event.key === " ") return act.peek(cur);
  if (event.key === "x") return act.choose(cur, false);
  if (event.key === "X") return act.choose(cur, true);
  if (event.key === "Escape" && col !== null) return act.leaveCells();
  return false;
}

export function useKeys(live) {
  useEffect(() => {
    const press = (event) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || isElsewhere()) return;
      const isOnControl = /^(BUTTON|A|SUMMARY)$/.test(event.target.tagName) && (event.key === "Enter" || event.key === " ");
      if (isOnControl || !live.current.count) return;
      if (pressed(event, live.current) === false) return;
      event.preventDefault();
      if (event.key === "Escape") event.stopPropagation();
    };
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  }, [live]);
}

export function useClipboard(live) {
  useEffect(() => {
    const isOurs = (event) => !isTyping(event.target) && !isElsewhere() && live.current.count && !String(window.getSelection());
    const copy = (event) => {
      if (!isOurs(event)) return;
      event.clipboardData.setData("text/plain", live.current.act.copied());
      event.preventDefault();
    };
    const paste = (event) => {
      if (!isOurs(event) || !live.current.view.may.edit) return;
      const text = event.clipboardData.getData("text/plain");
      if (!text) return;
      event.preventDefault();
      live.current.act.paste(text);
    };
    document.addEventListener("copy", copy);
    document.addEventListener("paste", paste);
    return () => { document.removeEventListener("copy", copy); document.removeEventListener("paste", paste); };
  }, [live]);
}
