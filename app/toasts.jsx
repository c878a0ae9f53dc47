// Notices at the bottom right: one line each, eight seconds, ten when there is something to undo, longer while the pointer or the focus is on them.
import { createElement as h, useCallback, useEffect, useRef, useState } from "react";

const SHOWN_MS = 8000;
const UNDO_MS = 10000;

function Toast({ notice, language, labels, onClose, onUndo }) {
  const timer = useRef(0);
  const hold = () => clearTimeout(timer.current);
  const start = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(onClose, notice.undo && onUndo ? UNDO_MS : SHOWN_MS);
  }, [onClose, notice.undo, onUndo]);
  useEffect(() => {
    start();
    return hold;
  }, [start]);
  const isError = notice.kind === "error";
  return h(
    "div",
    {
      className: "toast " + notice.kind,
      role: isError ? "alert" : "status",
      onMouseEnter: hold,
      onMouseLeave: start,
      onFocus: hold,
      onBlur: start,
    },
    h("span", null, notice[language] || notice.fr),
    notice.undo && onUndo
      ? h("button", { type: "button", "data-key": "z", onClick: () => { onClose(); onUndo(notice.undo); } }, labels.undo + " ", h("kbd", null, "Z"))
      : null,
    h("button", { type: "button", "aria-label": labels.close, className: "close", onClick: onClose }, "×"),
  );
}

function ToastOf({ notice, close, ...rest }) {
  const onClose = useCallback(() => close(notice.id), [close, notice.id]);
  return h(Toast, { notice, onClose, ...rest });
}

export function Toasts({ notice, language, closeLabel, undoLabel, onUndo }) {
  const [shown, setShown] = useState([]);
  useEffect(() => {
    if (notice && notice.id) setShown((before) => [...before.filter((one) => one.id !== notice.id), notice].slice(-4));
  }, [notice]);
  const close = useCallback((id) => setShown((before) => before.filter((one) => one.id !== id)), []);
  const labels = { close: closeLabel, undo: undoLabel };
  return h(
    "div",
    { className: "toasts" },
    shown.map((one) => h(ToastOf, { key: one.id, notice: one, language, labels, close, onUndo })),
  );
}
