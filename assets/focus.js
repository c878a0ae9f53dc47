// The focus is never lost: when what had it is taken away (a saved form, a closed panel, a line that is done), it goes back to
// where it was before, and on a new page to its title.
(function () {
  "use strict";
  var KEPT = 12;
  var PATIENCE = 4; // looks before a line that is drawn again is given up
  var trail = [];
  var looks = 0;
  var asked = 0;
  var page = location.pathname;

  function isThere(element) {
    var isShown = element.checkVisibility ? element.checkVisibility() : element.offsetParent !== null; // a closed menu hides what it holds
    return element.isConnected && element.offsetParent !== null && isShown && !element.disabled;
  }

  // a list that is read again draws its lines anew: the same line is the one with the same address
  function again(element) {
    var address = element.getAttribute("data-line");
    if (!address || isThere(element)) return element;
    return document.querySelector('[data-line="' + CSS.escape(address) + '"]') || element;
  }

  function isAwaited() {
    var last = trail.filter(function (one) { return one.hasAttribute("data-line"); }).pop();
    return last && !isThere(again(last)) && looks++ < PATIENCE;
  }

  function titleOf() {
    var title = document.querySelector(".main h1");
    if (title && !title.hasAttribute("tabindex")) title.tabIndex = -1;
    return title;
  }

  function giveBack() {
    asked = 0;
    var isNew = location.pathname !== page;
    if (document.activeElement && document.activeElement !== document.body) { page = location.pathname; return; }
    if (!trail.length || document.querySelector("dialog[open]")) return;
    if (!isNew && isThere(trail[trail.length - 1])) return; // it was left, not taken away
    if (!isNew && isAwaited()) { asked = setTimeout(giveBack, 120); return; }
    looks = 0;
    var next = isNew ? titleOf() : null;
    while (!next && trail.length) {
      var last = again(trail.pop());
      if (isThere(last)) next = last;
    }
    next = next || titleOf();
    if (!next) return;
    page = location.pathname;
    next.focus({ preventScroll: true });
  }

  document.addEventListener("focusin", function (event) {
    page = location.pathname; // who has put the focus somewhere has arrived
    if (event.target.closest("dialog")) return;
    // where one stood stays known when the line itself is taken away
    var place = event.target.closest("[data-line], .list");
    [place, event.target].forEach(function (element) {
      if (!element) return;
      trail = trail.filter(function (one) { return one !== element; });
      trail.push(element);
    });
    trail = trail.slice(-KEPT);
  });
  new MutationObserver(function () {
    if (document.activeElement === document.body && !asked) asked = setTimeout(giveBack, 120);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
