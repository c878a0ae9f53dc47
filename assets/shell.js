// What the frame does in the browser alone: fold the navigation, change the density, list the keys, close menus.
// An element says what its click does with `data-act`; the choice is kept per browser (density also per page).
(function () {
  "use strict";
  var DENSITIES = ["serre", "normal", "ample"];
  var root = document.documentElement;

  function densityKey() {
    return "boussole-density " + location.pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*");
  }

  function apply() {
    var nav = localStorage.getItem("boussole-nav");
    if (nav) root.dataset.nav = nav;
    root.dataset.density = localStorage.getItem(densityKey()) || "normal";
    var language = /(?:^|; )boussole_language=%?2?2?(fr|en|de)/.exec(document.cookie);
    if (language) root.lang = language[1];
  }

  function isFolded() {
    return root.dataset.nav ? root.dataset.nav === "rail" : matchMedia("(max-width: 1100px)").matches;
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
    ask: function (element) {
      element.nextElementSibling.showModal();
    },
    "close-dialog": function (element) {
      element.closest("dialog").close();
    },
  };

  function line(name, label) {
    var row = document.createElement("div");
    row.className = "row";
    name.split(" ").forEach(function (part) {
      var kbd = document.createElement("kbd");
      kbd.textContent = part.length === 1 ? part.toUpperCase() : part.replace("ctrl+", "Ctrl ").replace("shift+", "Maj ");
      row.appendChild(kbd);
    });
    var words = document.createElement("span");
    words.textContent = label;
    row.appendChild(words);
    return row;
  }

  function labelOf(element) {
    var named = element.getAttribute("data-key-label") || element.getAttribute("aria-label") || element.title;
    if (named) return named;
    var copy = element.cloneNode(true);
    copy.querySelectorAll("kbd").forEach(function (kbd) { kbd.remove(); });
    return copy.textContent.trim();
  }

  function showKeys() {
    var dialog = document.getElementById("keys");
    if (!dialog || dialog.open) return;
    dialog.replaceChildren();
    document.querySelectorAll("[data-key]").forEach(function (element) {
      if (element.disabled || element.offsetParent === null) return;
      dialog.appendChild(line(element.getAttribute("data-key").split("|")[0], labelOf(element)));
    });
    dialog.showModal();
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest ? event.target.closest("[data-act]") : null;
    if (target && acts[target.dataset.act]) acts[target.dataset.act](target);
    if (event.target.tagName === "DIALOG" && event.target.classList.contains("keys")) event.target.close();
    document.querySelectorAll("details.person[open], details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.person[open], details.menu[open]").forEach(function (menu) { menu.open = false; });
  });
  addEventListener("popstate", apply);
  apply();
  var shown = location.pathname;
  new MutationObserver(function () {
    if (location.pathname !== shown) { shown = location.pathname; apply(); }
  }).observe(root, { childList: true, subtree: true });
})();
