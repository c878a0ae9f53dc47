// The one form: fields from one JSON text, typed values kept here while they are typed, sent as a draft after a pause,
// errors and conflicts beside their fields. What has not reached the server yet also waits in this tab's session
// storage, so that neither a reload nor a server that is away loses a word.
import { createElement as h, useEffect, useMemo, useRef, useState } from "react";

const PAUSE_MS = 700;
const AT_MOST_MS = 3000;
const SEARCH_MS = 200;
const STORE = "boussole-typed:";

function stored(owner, key) {
  try {
    const found = JSON.parse(sessionStorage.getItem(STORE + key) || "null");
    return found && found.owner === owner ? found.values : null;
  } catch (problem) {
    return null;
  }
}

function store(owner, key, values) {
  try {
    if (values) sessionStorage.setItem(STORE + key, JSON.stringify({ owner, values }));
    else sessionStorage.removeItem(STORE + key);
  } catch (problem) {
    return;
  }
}

function startValues(view) {
  return Object.fromEntries(view.fields.map((field) => [field.name, field.value]));
}

function Control({ field, id, value, set, common, labels, onSearch, found }) {
  const change = (event) => set(field.name, event.target.value);
  if (field.locked) return h("input", { ...common, value, readOnly: true, disabled: true });
  if (field.type === "record") return h(Picker, { field, id, value, set, common, labels, onSearch, found });
  if (["choice", "person", "yes_no"].includes(field.type)) {
    const options = field.options.map(([key, label]) => h("option", { key, value: key }, label));
    return h("select", { ...common, value, onChange: change }, options);
  }
  if (["long_text", "phones"].includes(field.type)) return h("textarea", { ...common, rows: field.type === "phones" ? 2 : 4, value, onChange: change });
  const modes = { amount: "decimal", number: "decimal", email: "email", phone: "tel" };
  const more = field.type === "date" ? { placeholder: "31.12.2026" } : {};
  return h("input", { ...common, ...more, value, onChange: change, inputMode: modes[field.type], autoComplete: "off" });
}

// A record of another kind, found by its name: type, choose with arrows and Enter.
function Picker({ field, id, value, set, common, labels, onSearch, found }) {
  const [text, setText] = useState(field.text);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const timer = useRef(0);
  const named = value && value === field.theirValue ? field.theirText : field.text;
  useEffect(() => setText(named), [named]);
  const options = open && found && found.name === field.name && found.text === text ? found.options : [];
  const pick = (option) => {
    setText(option[1]);
    setOpen(false);
    set(field.name, option[0]);
  };
  const type = (event) => {
    const wanted = event.target.value;
    setText(wanted);
    setOpen(true);
    setAt(0);
    set(field.name, "");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch(field.name, wanted), SEARCH_MS);
  };
  const key = (event) => {
    if (!options.length) return;
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, options.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter" && !event.ctrlKey) pick(options[at]);
    else if (event.key === "Escape") setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const list = id + "-list";
  const input = h("input", {
    ...common, value: text, onChange: type, onKeyDown: key, onBlur: () => setTimeout(() => setOpen(false), 150),
    role: "combobox", "aria-expanded": options.length > 0, "aria-controls": list, "aria-autocomplete": "list",
    "aria-activedescendant": options.length ? list + at : undefined, autoComplete: "off", placeholder: labels.pick,
  });
  const lines = options.map((option, index) => h("li", {
    key: option[0], id: list + index, role: "option", "aria-selected": index === at,
    className: index === at ? "on" : "", onMouseDown: (event) => { event.preventDefault(); pick(option); },
  }, option[1]));
  const nothing = open && text && found && found.name === field.name && found.text === text && !options.length;
  return h("span", { className: "picker" }, input,
    h("ul", { id: list, role: "listbox", "aria-label": field.label, hidden: !options.length }, lines),
    nothing ? h("span", { className: "below s f" }, labels.nothing) : null);
}

// What somebody else did to the field, and whose value is to stay.
function Meanwhile({ field, id, choice, choose }) {
  if (!field.told) return null;
  const both = Boolean(field.theirs);
  const option = (pick, label) => h("label", { className: "check", key: pick },
    h("input", {
      type: "radio", name: id + "-choice", value: pick, checked: choice === pick,
      onChange: () => choose(field, pick),
    }), label);
  return h("span", { className: both ? "meanwhile both" : "meanwhile", id: id + "-told" },
    h("span", { className: "s" }, field.told),
    both ? h("span", { className: "row g6", role: "radiogroup" }, field.labels.map(([pick, label]) => option(pick, label))) : null);
}

// Records that exist already: said, never in the way.
function Doubles({ lines }) {
  return (lines || []).map(([text, name, href], index) => h("span", { className: "below s double", role: "status", key: index },
    text, " ", href ? h("a", { className: "lk", href, target: "_blank", rel: "noreferrer" }, name) : null));
}

function Field({ field, value, set, choice, choose, labels, onSearch, found, doubles }) {
  const id = "f-" + field.name.replace(/[^a-z0-9]/gi, "-");
  const described = [field.error && id + "-error", field.hint && id + "-hint", field.locked && id + "-why", field.told && id + "-told"];
  const common = {
    id, name: field.name, className: "in", maxLength: 10000, "aria-invalid": Boolean(field.error) || undefined,
    "aria-required": field.required || undefined, "aria-describedby": described.filter(Boolean).join(" ") || undefined,
  };
  const told = { ...field, labels: [["mine", labels.mine], ["theirs", labels.theirs]] };
  return h("div", { className: "fld" + (field.error || (field.theirs && !choice) ? " bad" : "") + (field.wide ? " wide" : "") },
    h("label", { htmlFor: id, className: "lb" }, field.label,
      field.required ? h("span", { className: "must", "aria-hidden": true }, " *") : null),
    h(Control, { field, id, value, set, common, labels, onSearch, found }),
    field.error ? h("span", { className: "below s red", role: "alert", id: id + "-error" }, field.error) : null,
    field.locked ? h("span", { className: "below s f", id: id + "-why" }, field.locked) : null,
    field.hint ? h("span", { className: "below s f", id: id + "-hint" }, field.hint) : null,
    h(Doubles, { lines: doubles }),
    h(Meanwhile, { field: told, id, choice, choose }));
}

function chosen(choice, field) {
  const [pick, at] = (choice || "").split("|");
  return at && at === field.theirs ? pick : "";
}

function useDraft({ view, owner, onTyped }) {
  const timer = useRef(0);
  const since = useRef(0);
  const typed = useRef(null);
  const send = () => {
    clearTimeout(timer.current);
    since.current = 0;
    if (!typed.current) return;
    onTyped({ form: view.form, record: view.record, seen: view.seen, values: typed.current });
    typed.current = null;
  };
  const note = (next) => {
    typed.current = next;
    store(owner, view.form + "/" + view.record, next);
    since.current = since.current || Date.now();
    clearTimeout(timer.current);
    timer.current = setTimeout(send, Math.max(0, Math.min(PAUSE_MS, since.current + AT_MOST_MS - Date.now())));
  };
  const forget = () => {
    clearTimeout(timer.current);
    typed.current = null;
    since.current = 0;
    store(owner, view.form + "/" + view.record, null);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return { note, forget, isWaiting: () => typed.current !== null };
}

function Head({ view, labels, onAbandon }) {
  const parts = [];
  if (view.conflict) parts.push(h("div", { key: "c", className: "callout error", role: "alert" }, labels.conflict));
  if (view.general) parts.push(h("div", { key: "g", className: "callout error", role: "alert" }, view.general));
  if (view.draft) {
    const [before, after] = labels.draft.split("{when}");
    parts.push(h("div", { key: "d", className: "draft s", role: "status" }, before + view.draft + after + " · ",
      h("button", { type: "button", className: "lk", onClick: onAbandon }, labels.abandon)));
  }
  return parts;
}

export function RecordForm({ view: text, labels, owner, kept, found: foundText, doubles: doublesText, saveLabel, onTyped, onSave, onAbandon, onLeave, onSearch }) {
  const view = useMemo(() => (text ? JSON.parse(text) : null), [text]);
  const found = useMemo(() => (foundText ? JSON.parse(foundText) : null), [foundText]);
  const doubles = useMemo(() => (doublesText ? JSON.parse(doublesText) : {}), [doublesText]);
  const opened = useRef("");
  if (!view) return h("div", { className: "bone" });
  if (view.opened) opened.current = view.opened; // opened anew: start from its values; shown again: keep what is typed
  return h(Loaded, { key: opened.current, view, labels, owner, kept, found, doubles, saveLabel, onTyped, onSave, onAbandon, onLeave, onSearch });
}

function Loaded({ view, labels, owner, kept, found, doubles, saveLabel, onTyped, onSave, onAbandon, onLeave, onSearch }) {
  const place = view.form + "/" + view.record;
  const [values, setValues] = useState(() => ({ ...startValues(view), ...(stored(owner, place) || {}) }));
  const [choices, setChoices] = useState({});
  const box = useRef(null);
  const saving = useRef(false);
  const typedMine = useRef({});
  const draft = useDraft({ view, owner, onTyped });
  useEffect(() => {
    const waiting = stored(owner, place);
    if (waiting) draft.note({ ...startValues(view), ...waiting });
  }, []);
  useEffect(() => {
    if (kept && kept.startsWith(place + "|") && !draft.isWaiting() && !saving.current) store(owner, place, null);
  }, [kept]);
  useEffect(() => { saving.current = false; }, [view]);
  // gone after saving: saved, unless the session had expired, for which case the words wait for the person's return
  useEffect(() => () => {
    if (saving.current && !window.location.pathname.startsWith("/connexion")) store(owner, place, null);
  }, []);
  useEffect(() => {
    const bad = box.current && box.current.querySelector(".fld.bad .in, .fld.bad input");
    if (bad) bad.focus();
  }, [view]);
  const set = (name, value) => {
    const next = { ...values, [name]: value };
    setValues(next);
    draft.note(next);
  };
  const choose = (field, pick) => {
    if (!(field.name in typedMine.current)) typedMine.current[field.name] = values[field.name];
    setChoices({ ...choices, [field.name]: pick + "|" + field.theirs });
    setValues({ ...values, [field.name]: pick === "theirs" ? field.theirValue : typedMine.current[field.name] });
  };
  const fresh = view.fields.filter((field) => field.told && !field.theirs);
  useEffect(() => {
    if (fresh.length) setValues((now) => ({ ...now, ...Object.fromEntries(fresh.map((field) => [field.name, field.theirValue])) }));
  }, [view]);
  const save = (event) => {
    event.preventDefault();
    draft.forget();
    store(owner, place, values);
    saving.current = true;
    onSave({ form: view.form, record: view.record, seen: view.seen, values, choices });
  };
  const abandon = () => {
    draft.forget();
    onAbandon({ form: view.form, record: view.record, seen: view.seen });
  };
  const leave = () => {
    draft.forget();
    onLeave({ form: view.form, record: view.record, seen: view.seen });
  };
  const lines = view.fields.map((field) => h(Field, {
    key: field.name, field, value: values[field.name] ?? "", set, labels, onSearch: (name, wanted) => onSearch({ form: view.form, field: name, text: wanted }),
    choice: chosen(choices[field.name], field), choose, found,
    doubles: doubles[field.name],
  }));
  const keptAt = kept && kept.startsWith(place + "|") ? kept.slice(place.length + 1) : "";
  return h("form", { className: "record-form", onSubmit: save, ref: box, noValidate: true, "data-form": view.form },
    h(Head, { view, labels, onAbandon: abandon }),
    h("div", { className: "fields" }, lines),
    h("div", { className: "row g6 form-foot" },
      h("button", { type: "submit", className: "btn p", "data-key": "ctrl+Enter", "data-key-label": saveLabel }, saveLabel, h("kbd", null, "Ctrl ↵")),
      h("button", { type: "button", className: "btn q", onClick: leave, "data-key": "Escape", "data-key-label": labels.leave }, labels.leave),
      h("span", { className: "sp" }),
      keptAt ? h("span", { className: "s f", role: "status" }, labels.kept.replace("{when}", keptAt)) : null));
}
