// The head of a list's page: views as tabs (pinned ones and those that everybody has), the menu of all views, columns, export.
import { createElement as h, useMemo } from "react";
import { ColumnMenu } from "$/public/external/app/lists/table/columns.jsx";
import { paged, Popover, useAddress } from "$/public/external/app/lists/table/tools.jsx";
import { EMPTY, parsed } from "$/public/external/app/lists/table/record_table.jsx";

function SavedViews({ view, labels, ask, onPinView, onBeginWith, onRemoveView }) {
  const saved = view.tabs.filter((tab) => tab.id);
  const line = (tab) =>
    h("div", { key: tab.id, className: "view-line" },
      h("div", { className: "row g6" },
        h("a", { className: "it grow", href: "?" + tab.query, onClick: (event) => { event.preventDefault(); ask(new URLSearchParams(tab.query)); } }, tab.name, tab.shared ? h("span", { className: "s f" }, " · " + labels.sharedView) : null),
        h("label", { className: "check s" }, h("input", { type: "checkbox", className: "in", checked: tab.pinned, onChange: () => onPinView(tab.id, !tab.pinned), "aria-label": labels.pin + " " + tab.name }), labels.pin),
        tab.own ? h("button", { type: "button", className: "btn q sm ic", "aria-label": labels.removeView + " " + tab.name, onClick: () => onRemoveView(tab.id) }, "×") : null),
      tab.shared && view.may.roles.length
        ? h("div", { className: "row g6 roles s" }, h("span", { className: "m" }, labels.beginsFor),
            view.may.roles.map(([role, name]) => h("label", { key: role, className: "check s" },
              h("input", { type: "checkbox", className: "in", checked: tab.roles.includes(role), onChange: () => onBeginWith(tab.id, tab.roles.includes(role) ? tab.roles.filter((one) => one !== role) : [...tab.roles, role]) }), name)))
        : null);
  return saved.length ? h("div", { className: "saved-views" }, saved.map(line)) : null;
}

export function RecordTabs({ view: given, labels, exportTo, onQuery, onSaveView, onRemoveView, onPinView, onBeginWith }) {
  const view = useMemo(() => parsed(given) || EMPTY, [given]);
  const [, ask] = useAddress(view, onQuery);
  const save = (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onSaveView(String(form.get("name") || ""), paged(view.address).toString(), Boolean(form.get("shared")));
    const menu = event.currentTarget.closest("details");
    menu.open = false;
    menu.firstChild.focus();
    event.currentTarget.reset();
  };
  const file = (form) => exportTo + "/" + form + "?" + paged(view.address).toString();
  const shown = view.tabs.filter((tab) => tab.pinned || tab.on);
  return h("div", { className: "record-tabs" },
    h("nav", { className: "tabs", "aria-label": labels.views },
      shown.map((tab, i) => h("a", { key: tab.id + tab.name, "aria-current": tab.on ? "page" : undefined, href: "?" + tab.query, className: "tab" + (tab.on ? " on" : ""), "data-key": i < 4 ? String(i + 1) : undefined, "data-key-label": tab.name, onClick: (event) => { event.preventDefault(); ask(new URLSearchParams(tab.query)); } }, tab.name)),
      h(Popover, { className: "tab f", label: "+", title: labels.views },
        h(SavedViews, { view, labels, ask, onPinView, onBeginWith, onRemoveView }),
        h("form", { onSubmit: save }, h("label", { className: "fld" }, h("span", { className: "lb" }, labels.viewName), h("input", { name: "name", className: "in", required: true, maxLength: 60 })),
          view.may.share ? h("label", { className: "check" }, h("input", { type: "checkbox", name: "shared", className: "in" }), labels.shareView) : null,
          h("div", { className: "row g6" }, h("button", { type: "submit", className: "btn sm p" }, labels.saveView))))),
    h("span", { className: "sp" }),
    h(ColumnMenu, { view, labels, ask }),
    view.may.export ? h(Popover, { className: "btn q sm", label: labels.export, title: labels.export },
      h("a", { className: "it", href: file("csv"), download: true }, "CSV"), h("a", { className: "it", href: file("xlsx"), download: true }, "Excel (XLSX)")) : null);
}
