// What the frame does in the browser alone: fold the navigation, change the density, list the keys, close menus.
// An element says what its click does with `data-act`; the choice is kept per browser (density also per page).
(function () {
  "use strict";
  var DENSITIES = ["serre", "normal", "ample"];
  var root = document.documentElement;

  function densityKey() {
    return "boussole-density " + location.pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*");
  }

  // a list keeps its columns when something is looked at beside it: the menu folds below 1600 px, and comes back
  function isPeeking() {
    return innerWidth < 1600 && document.querySelector(".with-peek>.peek") !== null;
  }

  function apply() {
    var nav = localStorage.getItem("boussole-nav");
    if (isPeeking()) nav = "rail";
    if (nav) root.dataset.nav = nav;
    else delete root.dataset.nav;
    root.dataset.density = localStorage.getItem(densityKey()) || "normal";
    var language = /(?:^|; )boussole_language=%?2?2?(fr|en|de)/.exec(document.cookie);
    if (language) root.lang = language[1];
  }

  function isFolded() {
    return root.dataset.nav ? root.dataset.nav === "rail" : matchMedia("(max-width: 1100px)").matches;
  }

  function setMenu(isOpen, button) {
    if (isOpen) root.dataset.menu = "open";
    else delete root.dataset.menu;
    button = button || document.querySelector("[data-act=menu]");
    if (button) button.setAttribute("aria-expanded", String(isOpen));
  }

  var acts = {
    fold: function () {
      localStorage.setItem("boussole-nav", isFolded() ? "wide" : "rail");
      apply();
    },
    density: function () {
      var next = DENSITIES[(DENSITIES.indexOf(root.dataset.density) + 1) % DENSITIES.length];
      localStorage.setItem(densityKey(), next);
      apply();
    },
    keys: showKeys,
    menu: function (button) {
      setMenu(root.dataset.menu !== "open", button);
    },
    ask: function (element) {
      element.nextElementSibling.showModal();
    },
    "close-dialog": function (element) {
      element.closest("dialog").close();
    },
  };

  function named(part) {
    if (part.length === 1) return part.toUpperCase();
    var words = document.getElementById("keys").dataset;
    return part.replace(/ctrl\+(.*)/, function (_, key) { return "Ctrl " + (key.length === 1 ? key.toUpperCase() : key); }).replace("shift+", words.shift + " ").replace("Enter", "↵").replace("Escape", words.escape);
  }

  function line(parts, label) {
    var row = make("div", "row");
    var keys = row.appendChild(make("i"));
    parts.forEach(function (part) { keys.appendChild(make("kbd", "", part)); });
    row.appendChild(make("span", "", label));
    return row;
  }

  function make(tag, className, text) {
    var element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function labelOf(element) {
    var named = element.getAttribute("data-key-label") || element.getAttribute("aria-label") || element.title;
    if (named) return named;
    var copy = element.cloneNode(true);
    copy.querySelectorAll("kbd").forEach(function (kbd) { kbd.remove(); });
    return copy.textContent.trim();
  }

  // what the foot says works here (J K …), then every element that carries a key, each key once
  function lists() {
    var found = { here: [], go: [], everywhere: [] };
    var seen = {};
    function add(group, parts, label) {
      var name = parts.join(" ");
      if (!label || seen[name]) return;
      seen[name] = true;
      found[group].push(line(parts, label));
    }
    document.querySelectorAll(".foot>span").forEach(function (span) {
      var keys = Array.prototype.map.call(span.querySelectorAll("kbd"), function (kbd) { return kbd.textContent; });
      if (keys.length && keys[0] !== "G" && keys[0] !== "[") add("here", keys, labelOf(span));
    });
    document.querySelectorAll("[data-key]").forEach(function (element) {
      if (element.disabled || element.offsetParent === null || element.closest("dialog")) return;
      var key = element.getAttribute("data-key").split("|")[0];
      var group = key.indexOf("g ") === 0 ? "go" : element.closest(".nav, .foot") ? "everywhere" : "here";
      add(group, key.split(" ").map(named), labelOf(element));
    });
    return found;
  }

  function showKeys() {
    var dialog = document.getElementById("keys");
    if (!dialog || dialog.open) return;
    var header = make("header", "", ""), close = make("button", "btn q sm", dialog.dataset.close), groups = make("div", "groups");
    close.type = "button";
    close.dataset.act = "close-dialog";
    header.appendChild(make("h2", "", dialog.getAttribute("aria-label")));
    header.appendChild(make("span", "sp"));
    header.appendChild(close);
    var found = lists();
    ["here", "everywhere", "go"].forEach(function (group) {
      if (!found[group].length) return;
      var part = make("section");
      part.appendChild(make("h3", "", dialog.dataset[group]));
      found[group].forEach(function (row) { part.appendChild(row); });
      groups.appendChild(part);
    });
    dialog.replaceChildren(header, groups);
    dialog.showModal();
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest ? event.target.closest("[data-act]") : null;
    if (target && acts[target.dataset.act]) acts[target.dataset.act](target);
    var speaks = event.target.closest ? event.target.closest("button[lang]") : null;
    if (speaks) root.lang = speaks.lang;
    if (event.target.tagName === "DIALOG" && event.target.classList.contains("keys")) event.target.close();
    document.querySelectorAll("details.person[open], details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    if (root.dataset.menu) setMenu(false);
    document.querySelectorAll("details.person[open], details.menu[open]").forEach(function (menu) { menu.open = false; });
  });
  addEventListener("popstate", apply);
  apply();
  var shown = location.pathname;
  var peeked = false;
  new MutationObserver(function () {
    if (location.pathname !== shown) { shown = location.pathname; setMenu(false); apply(); }
    if (isPeeking() !== peeked) { peeked = !peeked; apply(); }
  }).observe(root, { childList: true, subtree: true });
})();
