// A text field that proposes people after an @: arrows and Enter (or Tab) choose, Escape leaves the text as it is.
import { createElement as h, useRef, useState } from "react";

const MOST = 6;

function wantedAt(text, caret) {
  const found = /(^|\s)@([^@\n]{0,40})$/.exec(text.slice(0, caret));
  return found ? { start: caret - found[2].length - 1, typed: found[2].toLowerCase() } : null;
}

export function MentionBox({ name, people, label, placeholder, listLabel, maxLength, dataKey, dataKeyLabel }) {
  const box = useRef(null);
  const [names, setNames] = useState([]);
  const [at, setAt] = useState(0);
  const look = () => {
    const wanted = wantedAt(box.current.value, box.current.selectionStart);
    const fits = wanted ? people.filter((one) => one.toLowerCase().split(/\s+/).concat(one.toLowerCase()).some((part) => part.startsWith(wanted.typed))) : [];
    setNames(fits.slice(0, MOST));
    setAt(0);
  };
  const pick = (one) => {
    const area = box.current;
    const wanted = wantedAt(area.value, area.selectionStart);
    if (!wanted) return;
    area.setRangeText("@" + one + " ", wanted.start, area.selectionStart, "end");
    setNames([]);
    area.focus();
  };
  const key = (event) => {
    if (!names.length) return;
    if (event.key === "ArrowDown") setAt((at + 1) % names.length);
    else if (event.key === "ArrowUp") setAt((at + names.length - 1) % names.length);
    else if ((event.key === "Enter" && !event.ctrlKey) || event.key === "Tab") pick(names[at]);
    else if (event.key === "Escape") setNames([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const id = "mention-" + name;
  const lines = names.map((one, index) => h("li", {
    key: one, id: id + index, role: "option", "aria-selected": index === at, className: index === at ? "on" : "",
    onMouseDown: (event) => { event.preventDefault(); pick(one); },
  }, "@" + one));
  return h("span", { className: "picker" },
    h("textarea", {
      ref: box, name, className: "in", maxLength, placeholder, "aria-label": label, onInput: look, onKeyDown: key, onClick: look,
      onBlur: () => setTimeout(() => setNames([]), 150), role: "combobox", "aria-expanded": names.length > 0,
      "aria-controls": id, "aria-autocomplete": "list", "aria-activedescendant": names.length ? id + at : undefined,
      "data-key": dataKey, "data-key-label": dataKeyLabel,
    }),
    h("ul", { id, role: "listbox", "aria-label": listLabel, hidden: !names.length }, lines));
}
