// Ctrl-K. Typing asks the server (one JSON text: `q`, `groups` of `items`); choosing needs no round trip. A dialog of the
// browser holds the focus; the field is a combobox over a listbox.
import { createElement as h, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import {
  Building2, Equal, File, FileUp, FlaskConical, GitCompare, Handshake, History, Keyboard, Languages, ListChecks, LogOut, Monitor, Moon,
  NotebookPen, Paperclip, Phone, Plus, Rows3, Search, Settings, Sun, Target, User, Users,
} from "lucide-react";
import { ColorModeContext } from "$/utils/context";

const TYPING_MS = 70;
const FOCUS_MS = 4000;
const ICONS = {
  "building-2": Building2, equal: Equal, "file-up": FileUp, "flask-conical": FlaskConical, "git-compare": GitCompare, handshake: Handshake,
  history: History, keyboard: Keyboard, languages: Languages, "list-checks": ListChecks, "log-out": LogOut, monitor: Monitor, moon: Moon,
  "notebook-pen": NotebookPen, paperclip: Paperclip, phone: Phone, plus: Plus, "rows-3": Rows3, settings: Settings, sun: Sun, target: Target,
  user: User, users: Users,
};
const EMPTY = { q: null, groups: [] };

function parsed(answer) {
  try {
    return answer ? JSON.parse(answer) : EMPTY;
  } catch {
    return EMPTY;
  }
}

const bare = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

// the typed words inside a title, marked; accents do not matter as long as folding keeps the length
function marked(title, typed) {
  const words = bare(typed).split(/[\s'’]+/).filter((word) => word.length > 1);
  const text = bare(title);
  if (!words.length || text.length !== title.length) return title;
  const parts = [];
  let at = 0;
  while (at < title.length) {
    const hits = words.map((word) => [text.indexOf(word, at), word.length]).filter(([where]) => where >= 0).sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    if (!hits.length) break;
    const [where, length] = hits[0];
    if (where > at) parts.push(title.slice(at, where));
    parts.push(h("mark", { key: where }, title.slice(where, where + length)));
    at = where + length;
  }
  parts.push(title.slice(at));
  return parts;
}

function keysOf(keys) {
  return keys ? keys.split(" ").map((key) => h("kbd", { key }, key.length === 1 ? key.toUpperCase() : key)) : null;
}

function Option({ item, id, isOn, typed, act }) {
  const Icon = ICONS[item.icon] || File;
  const ref = useRef(null);
  useEffect(() => { if (isOn && ref.current) ref.current.scrollIntoView({ block: "nearest" }); }, [isOn]);
  return h(
    "div",
    { ref, id, role: "option", "aria-selected": isOn, className: "pr" + (isOn ? " on" : ""), onMouseMove: act.point, onClick: act.choose },
    h(Icon, { size: 15, strokeWidth: 1.6, className: "i", "aria-hidden": true }),
    h("span", { className: "el" }, marked(item.title, typed), item.near ? h("span", { className: "near" }, " " + item.near) : null),
    h("span", { className: "note el" }, item.note),
    h("span", { className: "keys-of" }, keysOf(item.keys), isOn ? h("kbd", null, "↵") : null),
  );
}

// the field that waits on the page that an action leads to
function focusLater(key) {
  const until = Date.now() + FOCUS_MS;
  const look = () => {
    const app = document.querySelector(".app[data-hydrated=yes]");
    const field = app && document.querySelector('[data-key="' + key + '"]');
    if (field) { field.focus(); field.scrollIntoView({ block: "center" }); return; }
    if (Date.now() < until) setTimeout(look, 60);
  };
  setTimeout(look, 120);
}

function useActs({ onUse, onSpeak, close, setSaid, labels }) {
  const navigate = useNavigate();
  const { setColorMode } = useContext(ColorModeContext);
  return useCallback((item, inNewTab) => {
    if (item.id) onUse(item.id);
    const [verb, ...rest] = (item.act || "").split(":");
    const what = rest.join(":");
    if (verb === "copy") { navigator.clipboard.writeText(what.replace(/'/g, "")).then(() => setSaid(labels.copied), () => setSaid(what)); return; }
    close(!item.href);
    if (item.href && inNewTab) window.open(item.href, "_blank", "noopener");
    else if (item.href) { navigate(item.href); if (item.focus) focusLater(item.focus); }
    else if (verb === "theme") setColorMode(what);
    else if (verb === "language") onSpeak(what);
    else if (verb === "click") setTimeout(() => { const found = document.querySelector(what); if (found) found.click(); }, 0);
    else if (verb === "submit") { const form = document.querySelector(what); if (form) form.requestSubmit(); }
  }, [navigate, setColorMode, onUse, onSpeak, close, setSaid, labels]);
}

function useAsking(answer, onAsk) {
  const [typed, setTyped] = useState("");
  const timer = useRef(0);
  const ask = useCallback((text, wait) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onAsk(text), wait);
  }, [onAsk]);
  const view = useMemo(() => parsed(answer), [answer]);
  return { typed, ask, view, isAnswered: view.q === typed };
}

function Foot({ labels }) {
  const key = (name, words) => h("span", { key: words }, h("kbd", null, name), " ", words);
  return h("div", { className: "pf" },
    h("span", null, h("kbd", null, "↑"), h("kbd", null, "↓"), " ", labels.choose), key("↵", labels.open), key("Ctrl ↵", labels.newTab),
    h("span", { className: "sp" }), key(">", labels.acts), key("#", labels.numbers), key("=", labels.computes));
}

function Nothing({ typed, labels }) {
  if (!typed.trim()) return null;
  const text = typed.trim();
  return h("div", { className: "none" }, text[0] === "=" ? h("p", null, labels.noSum)
    : [h("p", { key: 1 }, labels.nothing.replace("{text}", text)), h("p", { key: 2, className: "m s" }, labels.nothingHelp)]);
}

export function PaletteBox({ answer, labels, language, onAsk, onUse, onSpeak }) {
  const dialog = useRef(null);
  const field = useRef(null);
  const before = useRef(null);
  const hurried = useRef(null); // Enter before the answer came
  const [at, setAt] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  const { typed, ask, view, isAnswered } = useAsking(answer, onAsk);
  const shown = isOpen && (isAnswered || typed) ? view.groups : [];
  const items = useMemo(() => shown.flatMap((group) => group.items), [shown]);

  const close = useCallback((returnsFocus) => {
    if (dialog.current && dialog.current.open) dialog.current.close();
    setOpen(false);
    hurried.current = null;
    if (returnsFocus !== false && before.current && before.current.isConnected) before.current.focus();
  }, []);
  const open = useCallback(() => {
    if (!dialog.current || dialog.current.open) return;
    before.current = document.activeElement;
    dialog.current.showModal();
    setOpen(true);
    setAt(0);
    setSaid("");
    ask("", 0);
    if (field.current) field.current.focus();
  }, [ask]);
  const run = useActs({ onUse, onSpeak, close, setSaid, labels });

  useEffect(() => {
    const click = (event) => {
      if (!event.target.closest || !event.target.closest("[data-palette]")) return;
      if (dialog.current && dialog.current.open) close(); else open();
    };
    document.addEventListener("click", click);
    return () => document.removeEventListener("click", click);
  }, [open, close]);
  useEffect(() => {
    setAt(0);
    if (!isAnswered) return;
    setSaid(items.length ? labels.count.replace("{count}", items.length) : "");
    if (hurried.current !== null && items.length) { const inNewTab = hurried.current; hurried.current = null; run(items[0], inNewTab); }
    hurried.current = null;
  }, [answer, isAnswered]);

  const key = (event) => {
    const last = items.length - 1;
    if (event.key === "ArrowDown") setAt(at >= last ? 0 : at + 1);
    else if (event.key === "ArrowUp") setAt(at <= 0 ? Math.max(last, 0) : at - 1);
    else if (event.key === "PageDown") setAt(Math.min(last, at + 8));
    else if (event.key === "PageUp") setAt(Math.max(0, at - 8));
    else if (event.key === "Enter") {
      if (isAnswered && items[at]) run(items[at], event.ctrlKey || event.metaKey);
      else if (!isAnswered) hurried.current = event.ctrlKey || event.metaKey;
    } else if (event.key === "k" && (event.ctrlKey || event.metaKey)) close();
    else if (event.key !== "Escape") { event.stopPropagation(); return; }
    else { close(); }
    event.preventDefault();
    event.stopPropagation();
  };

  let number = -1;
  return h(
    "dialog",
    {
      ref: dialog, className: "pal", "aria-label": labels.title, lang: language, onCancel: (event) => { event.preventDefault(); close(); },
      onMouseDown: (event) => { if (event.target === dialog.current) close(); },
    },
    h("div", { className: "q" },
      h(Search, { size: 15, strokeWidth: 1.6, className: "i", "aria-hidden": true }),
      h("input", {
        ref: field, type: "text", role: "combobox", value: typed, placeholder: labels.hint, autoComplete: "off", spellCheck: false, maxLength: 200,
        "aria-label": labels.title, "aria-expanded": items.length > 0, "aria-controls": "palette-list", "aria-autocomplete": "list",
        "aria-activedescendant": items[at] ? "palette-" + at : undefined, onChange: (event) => ask(event.target.value, TYPING_MS), onKeyDown: key,
      }),
      h("button", { type: "button", className: "esc", onClick: () => close() }, h("kbd", null, labels.close))),
    h("div", { id: "palette-list", role: "listbox", "aria-label": labels.results, className: "pl" + (isAnswered ? "" : " late") },
      shown.map((group) => h("div", { key: group.label, role: "group", "aria-label": group.label },
        h("div", { className: "g", "aria-hidden": true }, group.label),
        group.items.map((item) => {
          number += 1;
          const here = number;
          return h(Option, {
            key: here, item, id: "palette-" + here, isOn: here === at, typed: view.q || "",
            act: { point: () => setAt(here), choose: (event) => run(item, event.ctrlKey || event.metaKey) },
          });
        })))),
    isOpen && isAnswered && !items.length ? h(Nothing, { typed, labels }) : null,
    h("div", { role: "status", className: "sr" }, said),
    h(Foot, { labels }),
  );
}
