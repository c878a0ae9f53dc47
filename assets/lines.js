// Lines that are doors: J and K move between `[data-line]`, Enter opens the address they name, and the key of a line's own
// button (`data-line-key`) presses it while the focus is in the line.
(function () {
  "use strict";
  function isEditable(target) {
    return target && (target.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox"));
  }

  function lines() {
    return Array.prototype.filter.call(document.querySelectorAll("[data-line]"), function (line) { return line.offsetParent !== null; })
      .sort(function (a, b) {
        var one = a.getBoundingClientRect(), other = b.getBoundingClientRect();
        return Math.abs(one.left - other.left) > 80 ? one.left - other.left : one.top - other.top;
      });
  }

  function move(step) {
    var all = lines();
    if (!all.length) return false;
    var at = all.indexOf(document.activeElement && document.activeElement.closest("[data-line]"));
    var next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function act(key, line) {
    var button = line.querySelector('[data-line-key="' + key + '"]');
    if (!button || button.disabled) return false;
    button.click();
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || isEditable(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    var key = event.key.toLowerCase();
    var line = event.target.closest ? event.target.closest("[data-line]") : null;
    var done = false;
    if (key === "j" || key === "k") done = move(key === "j" ? 1 : -1);
    else if (line && event.key === "Enter" && event.target === line) {
      var door = line.querySelector("a[href='" + line.getAttribute("data-line") + "']") || line.querySelector("a[href]");
      if (door) { door.click(); done = true; }
    } else if (line && /^[a-z]$/.test(key)) done = act(key, line);
    if (done) event.preventDefault();
  });
})();
