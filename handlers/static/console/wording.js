// The sentences of the bot: length and look follow the typing. Without this file the button 先看看 shows them.
(function () {
  "use strict";
  var all = document.getElementById("sentences");
  if (!all) { return; }
  var slots = JSON.parse(all.getAttribute("data-slots"));
  Array.prototype.forEach.call(all.querySelectorAll("[data-say]"), function (one) {
    var box = one.querySelector("textarea"), length = one.querySelector("[data-length]"), look = one.querySelector("[data-preview]");
    var most = Number(box.getAttribute("data-most"));
    box.addEventListener("input", function () {
      var text = box.value.trim();
      length.textContent = text.length;
      length.className = text.length > most ? "text-danger fw-bold" : "";
      look.textContent = text.replace(/\{([^{}]*)\}/g, function (found, name) {
        return Object.prototype.hasOwnProperty.call(slots, name) ? slots[name] : found;
      });
    });
  });
})();
