// Copy the week's note with one tap. Without this, it is selected and copied by hand.
(function () {
  "use strict";
  var note = document.getElementById("note"), button = document.getElementById("copy"), said = document.getElementById("copied");
  if (!note || !button) return;
  button.hidden = false;
  function done() { said.textContent = "已复制，到微信里粘贴。"; }
  function byHand() {
    note.focus();
    note.select();
    var ok = false;
    try { ok = document.execCommand("copy"); } catch (e) { ok = false; }
    if (ok) { done(); } else { said.textContent = "已全选，请按复制。"; }
  }
  button.addEventListener("click", function () {
    // The clipboard is only there over https; old Chrome has none at all.
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(note.value).then(done, byHand);
    } else {
      byHand();
    }
  });
})();
