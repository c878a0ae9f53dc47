// While the server has not answered for 300 ms, two pixels of progress run at the top: nobody wonders whether a press was felt.
(function () {
  "use strict";
  var SHOWN_AFTER_MS = 300;
  var GIVEN_UP_AFTER_MS = 10000; // what changes nothing is not answered
  var EVENT = "42/_event";
  var root = document.documentElement;
  var heard = new WeakSet();
  var timer = 0;

  function isEvent(data) {
    return typeof data === "string" && data.lastIndexOf(EVENT, 0) === 0;
  }

  function stop() {
    clearTimeout(timer);
    root.removeAttribute("data-waiting");
  }

  function show() {
    root.setAttribute("data-waiting", "");
    timer = setTimeout(stop, GIVEN_UP_AFTER_MS);
  }

  function begin() {
    if (root.hasAttribute("data-waiting")) return;
    clearTimeout(timer);
    timer = setTimeout(show, SHOWN_AFTER_MS);
  }

  var send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (isEvent(data)) begin();
    if (!heard.has(this)) {
      heard.add(this);
      this.addEventListener("message", function (event) { if (isEvent(event.data)) stop(); });
    }
    return send.apply(this, arguments);
  };
})();
