// Writing an entry by keyboard: Enter walks through the fields and adds a line after the last one, Ctrl-Enter posts.
// Accounts are completed here from the chart; what is typed waits in this tab until the server has kept it.
import { createElement as h, useEffect, useMemo, useRef, useState } from "react";
import { AccountBox, Amount, Cell, Combo } from "$/public/external/app/ledger/entering/entry_fields.jsx";
import { cents, dayProblem, fill, isEmpty, isoDay, lockedWords, shown, stepDay, sums, swiss } from "$/public/external/app/ledger/entering/entry_words.jsx";

const PAUSE_MS = 700;
const SEARCH_MS = 150;
const STORE = "boussole-entry:";
const COLUMNS = ["account", "text", "debit", "credit", "contra"];
const EMPTY = { account: "", text: "", debit: "", credit: "", contra: "", party: "", partyName: "", document: "", due: "", settles: "", foreign: "" };

function stored(key) {
  try { return JSON.parse(sessionStorage.getItem(STORE + key) || "null"); } catch (problem) { return null; }
}

function store(key, value) {
  try {
    if (value) sessionStorage.setItem(STORE + key, JSON.stringify(value));
    else sessionStorage.removeItem(STORE + key);
  } catch (problem) { return; }
}


function Party({ row, at, set, errors, labels, found, ask, items, cell }) {
  const [typed, setTyped] = useState(null);
  const timer = useRef(0);
  const options = typed !== null && found && found.what === "party" && found.text === typed.trim() ? found.options : [];
  const type = (text) => {
    setTyped(text);
    if (row.party) set({ party: "", partyName: "", settles: "" });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => ask({ what: "party", text: text.trim() }), SEARCH_MS);
  };
  const pick = (option) => { setTyped(null); set({ party: option[0], partyName: option[1], settles: "" }); ask({ what: "open", text: option[0] }); };
  const leave = () => { if (typed !== null && options.length) pick(options[0]); else if (typed !== null && !typed.trim()) setTyped(null); };
  const nothing = typed && typed.trim() && found && found.what === "party" && found.text === typed.trim() && !options.length ? labels.nothing : "";
  const line = at + 1;
  const settle = (event) => {
    const item = (items || []).find((one) => one[0] === event.target.value);
    const changes = { settles: event.target.value };
    if (item) {
      const open = cents(item[2]);
      const [left, right] = [cents(row.debit) || 0, cents(row.credit) || 0];
      changes.document = "";
      if (!left && !right) Object.assign(changes, open > 0 ? { credit: shown(open), debit: "" } : { debit: shown(-open), credit: "" });
    }
    set(changes);
  };
  return h("div", { className: "ep-more" },
    h("label", { className: "ep-lb" }, h("span", { className: "xs m" }, labels.party),
      h(Combo, { id: "ep-" + at + "-party", label: labels.party + ", " + fill(labels.line, { number: line }), value: typed === null ? row.partyName : typed, cell: cell("party"),
        options: options.map((one) => [one[0], one[1]]), open: typed !== null, onType: type, pick, onLeave: leave, error: errors("party") || nothing })),
    h("label", { className: "ep-lb" }, h("span", { className: "xs m" }, labels.document),
      h(Cell, { id: "ep-" + at + "-document", label: labels.document + ", " + fill(labels.line, { number: line }), value: row.document, set: (value) => set({ document: value }), error: errors("document"), cell: cell("document") })),
    h("label", { className: "ep-lb" }, h("span", { className: "xs m" }, labels.due),
      h(Cell, { id: "ep-" + at + "-due", label: labels.due + ", " + fill(labels.line, { number: line }), value: row.due, set: (value) => set({ due: value }), error: errors("due"), cell: cell("due"), placeholder: "31.12.2026" })),
    h("label", { className: "ep-lb wide" }, h("span", { className: "xs m" }, labels.settles),
      h("span", { className: "ep-cell" },
        h("select", { className: "in", value: row.settles, "data-cell": cell("settles"), "aria-label": labels.settles + ", " + fill(labels.line, { number: line }), onChange: settle, disabled: !(items || []).length && !row.settles },
          h("option", { value: "" }, labels.noItem),
          row.settles && !(items || []).some((one) => one[0] === row.settles) ? h("option", { value: row.settles }, "…") : null,
          (items || []).map((one) => h("option", { key: one[0], value: one[0] }, one[1]))),
        errors("settles") ? h("span", { className: "ep-error s red", role: "alert" }, errors("settles")) : null)));
}

function Row({ row, at, gap, set, remove, errors, accounts, byNumber, labels, found, ask, items, headText }) {
  const line = fill(labels.line, { number: at + 1 });
  const cell = (name) => at + ":" + name;
  const [main, contra] = [byNumber[row.account.toUpperCase()], byNumber[row.contra.toUpperCase()]];
  const collective = (main && main[2]) || (contra && contra[2]);
  const foreign = [main, contra].find((one) => one && one[3] !== "CHF");
  const free = !row.debit && !row.credit;
  const box = (name, label) => h(AccountBox, { id: "ep-" + at + "-" + name, label: label + ", " + line, value: row[name], accounts, byNumber, set: (value) => set({ [name]: value }), error: errors(name), labels, cell: cell(name) });
  return h("div", { className: "ep-line", role: "group", "aria-label": line },
    h("div", { className: "ep-row" },
      h("span", { className: "ep-no f s", "aria-hidden": true }, at + 1),
      box("account", labels.account),
      h(Cell, { id: "ep-" + at + "-text", label: labels.lineText + ", " + line, value: row.text, set: (value) => set({ text: value }), error: errors("text"), placeholder: isEmpty(row) ? "" : headText, cell: cell("text"), className: "ep-text" }),
      h(Amount, { id: "ep-" + at + "-debit", label: labels.debit + ", " + line, value: row.debit, set: (value) => set({ debit: value }), error: errors("debit"), placeholder: free && row.account && gap < 0 ? shown(-gap) : "", cell: cell("debit") }),
      h(Amount, { id: "ep-" + at + "-credit", label: labels.credit + ", " + line, value: row.credit, set: (value) => set({ credit: value }), error: errors("credit"), placeholder: free && row.account && gap > 0 ? shown(gap) : "", cell: cell("credit") }),
      box("contra", labels.contra),
      h("button", { type: "button", className: "btn q sm ic ep-remove", title: labels.remove + " (Alt Suppr)", "aria-label": labels.remove + " " + (at + 1), tabIndex: -1, onClick: remove }, "×")),
    foreign ? h("div", { className: "ep-more" }, h("label", { className: "ep-lb" }, h("span", { className: "xs m" }, fill(labels.foreign, { currency: foreign[3] })),
      h(Amount, { id: "ep-" + at + "-foreign", label: fill(labels.foreign, { currency: foreign[3] }) + ", " + line, value: row.foreign, set: (value) => set({ foreign: value }), error: errors("foreign"), cell: cell("foreign") }))) : null,
    collective ? h(Party, { row, at, set, errors, labels, found, ask, items, cell }) : null);
}

function Head({ entry, set, view, labels, errors, found, ask, like }) {
  const [typed, setTyped] = useState(null);
  const timer = useRef(0);
  const iso = isoDay(entry.date, view.today);
  const problem = errors.date || dayProblem(iso, view, labels);
  const options = typed !== null && found && found.what === "texts" && found.text === typed.trim() ? found.options : [];
  const type = (text) => {
    setTyped(text);
    set({ text });
    clearTimeout(timer.current);
    if (text.trim().length > 1) timer.current = setTimeout(() => ask({ what: "texts", text: text.trim() }), SEARCH_MS);
  };
  const keys = (event) => {
    const step = { "+": 1, "-": -1, ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step || !iso) return;
    event.preventDefault();
    set({ date: swiss(stepDay(iso, step)) });
  };
  const tell = lockedWords(view, labels);
  return h("div", { className: "ep-head" },
    h("label", { className: "ep-lb" }, h("span", { className: "xs m" }, labels.date),
      h(Cell, { id: "ep-date", label: labels.date, value: entry.date, set: (value) => set({ date: value }), error: problem, cell: "head:date", keys, leave: () => { if (iso) set({ date: swiss(iso) }); } })),
    h("label", { className: "ep-lb" }, h("span", { className: "xs m" }, labels.document),
      h(Cell, { id: "ep-document", label: labels.document, value: entry.document, set: (value) => set({ document: value }), error: errors.document, cell: "head:document" })),
    h("label", { className: "ep-lb wide" }, h("span", { className: "xs m" }, labels.text),
      h(Combo, { id: "ep-text", label: labels.text, value: entry.text, cell: "head:text", error: errors.text, open: typed !== null, required: true, free: true,
        options: options.map((one) => [one[0], one[1], labels.like.toLowerCase() + " · " + one[2] + " · " + one[3]]), onType: type,
        pick: (option) => { setTyped(null); like(option); }, onLeave: () => setTyped(null) })),
    tell ? h("div", { className: "ep-locked s m" }, tell) : null);
}

function Foot({ total, view, labels, errors, busy, post, save, kept, told }) {
  const state = total.gap ? h("b", { className: "red" }, shown(total.gap)) : total.debit ? h("span", { className: "grn" }, labels.balanced) : h("span", { className: "f" }, "0.00");
  return h("div", { className: "ep-foot" },
    h("div", { className: "ep-sums", role: "status", "aria-label": labels.difference },
      h("span", { className: "m" }, labels.total), h("b", { className: "r" }, shown(total.debit)), h("b", { className: "r" }, shown(total.credit)),
      h("span", { className: "ep-gap" }, h("span", { className: "m" }, labels.difference + " "), state)),
    errors.lines ? h("div", { className: "red s", role: "alert" }, errors.lines) : null,
    h("div", { className: "row g6 wraps" },
      view.mayPost ? h("button", { type: "button", className: "btn p", disabled: busy, "data-key": "ctrl+Enter", "data-key-label": labels.post, "data-cell": "foot:post", onClick: post }, labels.post, h("kbd", null, "Ctrl ↵")) : null,
      h("button", { type: "button", className: "btn", disabled: busy, onClick: save }, labels.save),
      h("span", { className: "sp" }),
      h("span", { className: "s f", role: "status" }, told || (kept ? fill(labels.kept, { when: kept }) : ""))));
}

function Newest({ entries, labels }) {
  if (!entries.length) return null;
  return h("section", { className: "ep-newest" }, h("h2", null, labels.newest),
    h("ul", { className: "related" }, entries.map(([id, number, day, text, total]) => h("li", { key: id, className: "row" },
      h("a", { className: "lk nw", href: "/ecritures/" + id }, number), h("span", { className: "m s nw" }, day), h("span", { className: "el" }, text), h("span", { className: "sp" }),
      h("span", { className: "nw" }, total), h("a", { className: "btn q sm", href: "/saisie?comme=" + id, "aria-label": labels.again + " " + number }, labels.again)))));
}

export function EntryPad({ view: text, answer, kept, labels, onTyped, onPost, onSave, onFind, onAbandon }) {
  const view = useMemo(() => JSON.parse(text), [text]);
  return h(Loaded, { key: view.opened, view, answer, kept, labels, onTyped, onPost, onSave, onFind, onAbandon });
}

const startOf = (view) => {
  const waiting = stored(view.key);
  const entry = waiting && waiting.entry ? waiting.entry : view.entry;
  const rows = entry.rows.length ? entry.rows : [EMPTY];
  return { entry: { ...entry, rows: rows.map((row) => ({ ...EMPTY, ...row })) }, fresh: waiting && waiting.fresh ? waiting.fresh : view.fresh };
};

function Loaded({ view, answer, kept, labels, onTyped, onPost, onSave, onFind, onAbandon }) {
  const begin = useMemo(() => startOf(view), []);
  const [entry, setEntry] = useState(begin.entry);
  const [key, setKey] = useState(view.key);
  const [errors, setErrors] = useState({});
  const [items, setItems] = useState({});
  const [newest, setNewest] = useState(view.newest);
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState("");
  const [draft, setDraft] = useState(view.draft);
  const fresh = useRef(begin.fresh);
  const sending = useRef(false);
  const timer = useRef(0);
  const wanted = useRef(null);
  const box = useRef(null);
  const now = useRef(entry);
  now.current = entry;
  const found = useMemo(() => (answer ? JSON.parse(answer) : null), [answer]);
  const byNumber = useMemo(() => Object.fromEntries(view.accounts.map((one) => [one[0].toUpperCase(), one])), [view]);
  const total = sums(entry.rows);

  const payload = () => ({ key, version: view.version, fresh: fresh.current, entry: now.current });
  const send = () => { clearTimeout(timer.current); if (!sending.current) onTyped(payload()); };
  const change = (next) => {
    now.current = next;
    setEntry(next);
    setTold("");
    store(key, { entry: next, fresh: fresh.current });
    clearTimeout(timer.current);
    timer.current = setTimeout(send, PAUSE_MS);
  };
  const without = (field) => setErrors((old) => { const next = { ...old }; delete next[field]; return next; });
  const setHead = (some) => { Object.keys(some).forEach(without); change({ ...now.current, ...some }); };
  const setRow = (at, some) => {
    Object.keys(some).forEach((name) => without("rows." + at + "." + name));
    without("lines");
    if ("debit" in some || "credit" in some) { without("rows." + at + ".debit"); without("rows." + at + ".credit"); }
    change({ ...now.current, rows: now.current.rows.map((row, place) => (place === at ? { ...row, ...some } : row)) });
  };
  const goTo = (cell) => {
    const target = box.current && box.current.querySelector('[data-cell="' + cell + '"]');
    if (target) target.focus(); else wanted.current = cell;
  };
  useEffect(() => {
    if (!wanted.current) return;
    const cell = wanted.current;
    wanted.current = null;
    const target = box.current.querySelector('[data-cell="' + cell + '"]');
    if (target) target.focus();
  });
  useEffect(() => { if (!view.draft) goTo("head:date"); else goTo("0:account"); return () => clearTimeout(timer.current); }, []);
  useEffect(() => {
    const parties = [...new Set(begin.entry.rows.map((row) => row.party).filter(Boolean))];
    parties.slice(0, 1).forEach((party) => onFind({ what: "open", text: party }));
  }, []);

  useEffect(() => {
    if (!found) return;
    if (found.what === "open" && found.items) setItems((old) => ({ ...old, [found.text]: found.items }));
    if (found.what === "like" && found.entry) {
      change({ ...now.current, text: found.entry.text, rows: found.entry.rows.map((row) => ({ ...EMPTY, ...row })) });
      const first = found.entry.rows[0] || EMPTY;
      wanted.current = first.credit ? "0:credit" : "0:debit";
    }
    if (found.what === "refused") {
      setErrors(found.errors || {});
      setBusy(false);
      sending.current = false;
      const height = (name) => (name.startsWith("rows.") ? 1 : name === "lines" ? 2 : 0);
      const first = Object.keys(found.errors || {}).sort((one, other) => height(one) - height(other))[0];
      if (first) wanted.current = first.startsWith("rows.") ? first.slice(5).replace(".", ":") : first === "lines" ? now.current.rows.length - 1 + ":account" : "head:" + first;
    }
    if (found.what === "posted" || found.what === "saved") {
      store(key, null);
      fresh.current = found.fresh;
      sending.current = false;
      setBusy(false);
      setErrors({});
      setNewest(found.newest);
      setDraft("");
      setKey("new");
      const next = { date: now.current.date, text: "", document: "", rows: [EMPTY] };
      now.current = next;
      setEntry(next);
      setTold(found.again || (found.number ? fill(labels.posted, { number: found.number }) : ""));
      if (view.key !== "new") window.history.replaceState(window.history.state, "", "/saisie");
      wanted.current = "head:date";
    }
  }, [answer]);

  const deed = (event) => {
    if (sending.current) return;
    if (document.activeElement && box.current.contains(document.activeElement)) document.activeElement.blur(); // takes what is half typed
    clearTimeout(timer.current);
    sending.current = true;
    setBusy(true);
    setTimeout(() => event({ ...payload(), entry: { ...now.current, date: swiss(isoDay(now.current.date, view.today) || "") || now.current.date } }), 0);
  };
  const post = () => deed(onPost);
  const save = () => deed(onSave);
  const add = (at) => {
    change({ ...now.current, rows: [...now.current.rows, EMPTY] });
    wanted.current = at + ":account";
  };
  const remove = (at) => {
    const rows = now.current.rows.filter((row, place) => place !== at);
    setErrors({});
    change({ ...now.current, rows: rows.length ? rows : [EMPTY] });
    wanted.current = Math.max(0, Math.min(at, rows.length - 1)) + ":account";
  };

  // Enter: the next field that is still to be filled
  const walk = (cell) => {
    const [place, name] = cell.split(":");
    if (place === "head") return goTo({ date: "head:document", document: "head:text", text: "0:account" }[name]);
    const at = Number(place);
    const row = now.current.rows[at] || EMPTY;
    const gap = sums(now.current.rows).gap;
    const last = at === now.current.rows.length - 1;
    const next = () => (last ? add(at + 1) : goTo(at + 1 + ":account"));
    const more = () => {
      const first = box.current.querySelector('[data-cell="' + at + ':foreign"]') || box.current.querySelector('[data-cell="' + at + ':party"]');
      return first ? first.focus() : next();
    };
    if (name === "account" && !row.account && isEmpty(row) && last && at > 0) return goTo("foot:post");
    if (name === "debit" && !row.debit && !row.credit && row.account && gap < 0) { setRow(at, { debit: shown(-gap) }); return goTo(at + ":contra"); }
    if (name === "credit" && !row.debit && !row.credit && row.account && gap > 0) { setRow(at, { credit: shown(gap) }); return goTo(at + ":contra"); }
    if (name === "debit") return goTo(at + (row.debit ? ":contra" : ":credit"));
    if (name === "contra") return more();
    if (name === "foreign") return box.current.querySelector('[data-cell="' + at + ':party"]') ? goTo(at + ":party") : next();
    if (name === "party") return goTo(at + ":document");
    if (name === "document") return goTo(at + ":due");
    if (name === "due") { const select = box.current.querySelector('[data-cell="' + at + ':settles"]'); return select && !select.disabled ? select.focus() : next(); }
    if (name === "settles") return next();
    return goTo(at + ":" + COLUMNS[COLUMNS.indexOf(name) + 1]);
  };
  const press = (event) => {
    const cell = event.target.dataset ? event.target.dataset.cell : "";
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); event.stopPropagation(); if (view.mayPost) post(); return; }
    if (!cell || cell.startsWith("foot")) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      event.target.blur(); // what is half typed is taken first
      setTimeout(() => walk(cell), 0);
    } else if (event.altKey && event.key === "Delete" && !cell.startsWith("head")) {
      event.preventDefault();
      remove(Number(cell.split(":")[0]));
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !cell.startsWith("head") && event.target.tagName === "INPUT") {
      const [place, name] = cell.split(":");
      const target = box.current.querySelector('[data-cell="' + (Number(place) + (event.key === "ArrowDown" ? 1 : -1)) + ":" + name + '"]');
      if (target) { event.preventDefault(); target.focus(); }
    }
  };

  if (!view.accounts.length) return h("div", { className: "empty" }, h("div", { className: "md" }, labels.noAccounts), h("a", { className: "btn p", href: "/reglages/comptabilite" }, labels.chart));
  const [before, after] = labels.draft.split("{when}");
  const heads = [labels.account, labels.lineText, labels.debit, labels.credit, labels.contra];
  return h("div", { className: "ep", ref: box, onKeyDown: press },
    draft ? h("div", { className: "draft s", role: "status" }, before + draft + after + " · ", h("button", { type: "button", className: "lk", onClick: () => { store(key, null); clearTimeout(timer.current); onAbandon(payload()); } }, labels.abandon)) : null,
    h(Head, { entry, set: setHead, view, labels, errors, found, ask: onFind, like: (option) => { setHead({ text: option[1] }); onFind({ what: "like", text: option[0] }); } }),
    h("div", { className: "ep-lines" },
      h("div", { className: "ep-row ep-heads xs m", "aria-hidden": true }, h("span"), heads.map((head, index) => h("span", { key: head + index, className: index === 2 || index === 3 ? "r" : "" }, head)), h("span")),
      entry.rows.map((row, at) => h(Row, {
        key: at, row, at, gap: total.gap, set: (some) => setRow(at, some), remove: () => remove(at), errors: (name) => errors["rows." + at + "." + name] || "",
        accounts: view.accounts, byNumber, labels, found, ask: onFind, items: items[row.party], headText: entry.text,
      })),
      h("button", { type: "button", className: "btn q sm ep-add", onClick: () => add(entry.rows.length) }, "+ " + labels.add)),
    h(Foot, { total, view, labels, errors, busy, post, save, kept, told }),
    h("div", { className: "ep-help s f" }, labels.help),
    h(Newest, { entries: newest, labels }));
}
