// Keys that act without a round trip: pressing one clicks (or focuses) the visible element that carries it as `data-key`.
// `data-key="e"`, `data-key="ctrl+k"`, `data-key="g j"` (one after the other), several separated by `|`.
(function () {
  "use strict";
  var PREFIX_MS = 1200;
  var prefix = "";
  var timer = 0;

  function isEditable(target) {
    return target && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  }

  function nameOf(event) {
    var key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    var letter = /^[a-z]$/.test(key);
    return (
      (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "") + (event.shiftKey && (letter || key.length > 1) ? "shift+" : "") + key
    );
  }

  function keysOf(element) {
    return element.getAttribute("data-key").split("|");
  }

  function reachable() {
    return Array.prototype.filter.call(document.querySelectorAll("[data-key]"), function (element) {
      return !element.disabled && (element.offsetParent !== null || element.hasAttribute("data-key-hidden") || getComputedStyle(element).position === "fixed");
    });
  }

  function act(element) {
    if (isEditable(element)) {
      element.focus();
      if (element.select) element.select();
      return;
    }
    element.click();
  }

  function forget() {
    prefix = "";
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.defaultPrevented || event.repeat) return;
    var name = nameOf(event);
    var inField = isEditable(event.target);
    if (inField && !/^(ctrl\+|alt\+|F\d|Escape)/.test(name)) return;
    var wanted = prefix ? prefix + " " + name : name;
    var elements = reachable();
    var hits = elements.filter(function (element) { return keysOf(element).indexOf(wanted) >= 0; });
    if (hits.length) {
      event.preventDefault();
      forget();
      act(hits[hits.length - 1]);
      return;
    }
    forget();
    clearTimeout(timer);
    var begins = elements.some(function (element) {
      return keysOf(element).some(function (key) { return key.indexOf(name + " ") === 0; });
    });
    if (begins) {
      prefix = name;
      timer = setTimeout(forget, PREFIX_MS);
    }
  });
})();
