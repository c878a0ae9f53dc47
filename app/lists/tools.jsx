// What stands above a list: search, chips, filters, groups; and the popover that menus share.
import { createElement as h, useCallback, useEffect, useRef, useState } from "react";

const TYPING_MS = 220;

export const paged = (address) => {
  const params = new URLSearchParams(address);
  ["cursor", "back"].forEach((name) => params.delete(name));
  return params;
};

// What was asked last (`n`, `address`) and the search that is typed but not shown yet. The table and its head ask for the same list and
// answers come later: whoever asks next begins from here, not from the view that happens to be on the screen, so that nothing is lost.
const latest = { n: 0, address: "", isOpen: false, load: "", typed: null, timer: 0 };

const isShown = (view) => (view.n || 0) >= latest.n;

export const wanted = (view) => {
  const params = paged(isShown(view) ? view.address : latest.address);
  if (latest.typed !== null && latest.typed.trim()) params.set("q", latest.typed);
  if (latest.typed !== null && !latest.typed.trim()) params.delete("q");
  return params;
};

// a server that began anew counts anew, too
function arrived(view) {
  const isLoad = view.load !== latest.load;
  latest.load = view.load;
  if (isLoad && !latest.isOpen) latest.n = Math.min(latest.n, view.n || 0);
  if (isLoad || isShown(view)) latest.isOpen = false;
  return !latest.isOpen;
}

export function useAddress(view, onQuery) {
  const [busy, setBusy] = useState(false);
  const number = view ? view.n || 0 : 0;
  useEffect(() => { if (view && arrived(view)) setBusy(false); }, [view]);
  const ask = useCallback((params, page) => {
    clearTimeout(latest.timer);
    const isTyped = latest.typed !== null;
    if (isTyped && latest.typed.trim()) params.set("q", latest.typed);
    const base = params.toString();
    Object.assign(latest, { n: Math.max(latest.n, number) + 1, address: base, isOpen: true, timer: 0 });
    setBusy(true);
    window.history.replaceState(window.history.state, "", window.location.pathname + (base ? "?" + base : ""));
    const asked = new URLSearchParams(params);
    Object.entries((!isTyped && page) || {}).forEach(([name, value]) => asked.set(name, value));
    onQuery(asked.toString(), latest.n);
  }, [onQuery, number]);
  return [busy, ask];
}

function toggled(params, name, value) {
  const now = params.getAll(name);
  params.delete(name);
  const next = now.includes(value) ? now.filter((one) => one !== value) : [...now, value];
  next.forEach((one) => params.append(name, one));
  return params;
}

// nothing in the address means the usual view: to see everything is to say so
const orAll = (params) => { if (!params.toString()) params.set("view", "all"); return params; };

export function Popover({ label, className, children, keyName, title }) {
  const box = useRef(null);
  useEffect(() => {
    const close = (event) => {
      if (box.current && box.current.open && !box.current.contains(event.target)) box.current.open = false;
    };
    const escape = (event) => { if (event.key === "Escape" && box.current && box.current.open) { box.current.open = false; box.current.firstChild.focus(); event.stopPropagation(); } };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", escape, true);
    return () => { document.removeEventListener("pointerdown", close); document.removeEventListener("keydown", escape, true); };
  }, []);
  const enter = () => { const first = box.current.open && box.current.querySelector(".pop input, .pop select, .pop a, .pop button"); if (first) first.focus(); };
  return h("details", { className: "menu", ref: box, onToggle: enter },
    h("summary", { className, title, ...(keyName ? { "data-key": keyName, "data-key-label": title } : {}) }, label),
    h("div", { className: "pop", onClick: (event) => { if (event.target.closest("a, .closes")) { box.current.open = false; box.current.firstChild.focus(); } } }, children));
}

// counts come a moment after the rows, so what is chosen is read from the address
const isSet = (params, set) => Object.entries(set).every(([name, values]) => { const now = params.getAll(name); return now.length === values.length && values.every((value) => now.includes(value)); });

function Quick({ view, counts, ask }) {
  const now = paged(view.address);
  return counts.quick.map((given) => {
    const one = { ...given, on: isSet(now, given.set) };
    const press = () => {
      const params = wanted(view);
      Object.keys(one.set).forEach((name) => params.delete(name));
      if (!isSet(wanted(view), one.set)) Object.entries(one.set).forEach(([name, values]) => values.forEach((value) => params.append(name, value)));
      ask(orAll(params));
    };
    return h("button", { key: one.key, type: "button", className: "chip" + (one.on ? " on" : ""), "aria-pressed": one.on, onClick: press },
      one.label, one.count === null || one.count === undefined ? null : h("span", { className: "n" }, one.count));
  });
}

function Active({ view, labels, ask }) {
  return view.filters.map((filter) =>
    h("span", { key: filter.name + filter.value, className: "chip on" }, filter.label,
      h("button", {
        type: "button", className: "bare-btn", "aria-label": labels.removeFilter + " " + filter.label,
        onClick: () => {
          const params = wanted(view);
          const kept = params.getAll(filter.name).filter((value) => value !== filter.value);
          params.delete(filter.name);
          kept.forEach((value) => params.append(filter.name, value));
          ask(orAll(params));
        },
      }, "×")));
}

function FacetMenu({ view, counts, labels, ask }) {
  const now = paged(view.address);
  const groups = counts.facets.map((facet) =>
    h("fieldset", { key: facet.key }, h("legend", null, facet.label),
      facet.options.map(([value, label, count]) => h("label", { key: value, className: "check" },
        h("input", { type: "checkbox", className: "in", checked: now.getAll(facet.key).includes(value), onChange: () => ask(orAll(toggled(wanted(view), facet.key, value))) }),
        h("span", { className: "el" }, label), h("span", { className: "f n" }, count)))));
  const submit = (event) => {
    event.preventDefault();
    const params = wanted(view);
    const form = new FormData(event.currentTarget);
    view.ranges.forEach((range) => {
      params.delete(range.name);
      const typed = String(form.get(range.name) || "").trim();
      if (typed) params.set(range.name, range.percent ? String(Number(typed) / 100) : typed);
    });
    const key = form.get("custom_key");
    const typed = String(form.get("custom_value") || "").trim();
    if (key && typed) params.append("custom." + key, form.get("custom_operator") + ":" + typed);
    ask(orAll(params));
  };
  const ranges = view.ranges.map((range) => h("label", { key: range.name, className: "fld" }, h("span", { className: "lb" }, range.label),
    h("input", { name: range.name, className: "in", type: range.type, min: range.percent ? 0 : undefined, max: range.percent ? 100 : undefined, defaultValue: range.value })));
  const custom = view.custom.length
    ? h("div", { className: "custom-filter" },
        h("select", { name: "custom_key", className: "in", "aria-label": labels.field }, view.custom.map(([key, label]) => h("option", { key, value: key }, label))),
        h("select", { name: "custom_operator", className: "in", "aria-label": labels.operator }, labels.operators.map(([value, label]) => h("option", { key: value, value }, label))),
        h("input", { name: "custom_value", className: "in", "aria-label": labels.value, placeholder: labels.value }))
    : null;
  return h(Popover, { className: "chip dash", label: ["+ ", labels.filter, " ", h("kbd", { key: "k" }, "F")], keyName: "f", title: labels.filter },
    h("div", { className: "facets" }, groups),
    ranges.length || custom
      ? h("form", { onSubmit: submit, key: view.address }, h("div", { className: "fields" }, ranges), custom, h("div", { className: "row g6" }, h("button", { type: "submit", className: "btn sm p" }, labels.apply)))
      : null);
}

function GroupMenu({ view, labels, ask }) {
  const set = (name) => {
    const params = wanted(view);
    params.delete("group");
    params.delete("in");
    if (name) params.set("group", name);
    ask(orAll(params));
  };
  if (!view.groupings.length) return null;
  const now = view.groupings.find(([name]) => name === view.group);
  return h(Popover, { className: "chip dash" + (now ? " on" : ""), label: now ? labels.group + " : " + now[1] : labels.group, title: labels.group },
    [["", labels.noGroup], ...view.groupings].map(([name, label]) =>
      h("button", { key: name, type: "button", className: "it bare-btn closes", "aria-pressed": name === view.group, onClick: () => set(name) }, label)));
}

function SearchBox({ view, labels, ask }) {
  const box = useRef(null);
  const newest = useRef({});
  const asked = view.search || "";
  Object.assign(newest.current, { view, ask });
  useEffect(() => {
    if (latest.timer || !isShown(view)) return;
    latest.typed = null;
    if (box.current && document.activeElement !== box.current) box.current.value = asked;
  }, [asked, view.n]);
  useEffect(() => () => { clearTimeout(latest.timer); Object.assign(latest, { n: 0, isOpen: false, typed: null, timer: 0 }); }, []);
  const type = (event) => {
    clearTimeout(latest.timer);
    latest.typed = event.target.value;
    latest.timer = setTimeout(() => { const { view: now, ask: go } = newest.current; go(orAll(wanted(now))); }, TYPING_MS);
  };
  const leave = (event) => { if (event.key === "Enter" || event.key === "Escape") { event.preventDefault(); box.current.closest(".record-table").querySelector(".list").focus(); } };
  return h("input", { ref: box, type: "search", className: "in search", defaultValue: asked, placeholder: labels.search, "aria-label": labels.search, "data-key": "/", "data-key-label": labels.search, onInput: type, onKeyDown: leave });
}

export function Tools({ view, counts, labels, ask }) {
  return h("div", { className: "tools" },
    h(SearchBox, { view, labels, ask }), h(Quick, { view, counts, ask }), h(Active, { view, labels, ask }), h(FacetMenu, { view, counts, labels, ask }), h(GroupMenu, { view, labels, ask }),
    h("span", { className: "sp" }), h("span", { className: "s f sorted" }, view.sorted));
}
