// How much of one WeChat text the answer leaves, while it is typed. Without this, the preview says so.
(function () {
  "use strict";
  var form = document.getElementById("answer-form"), room = document.getElementById("room");
  if (!form || !room || !window.TextEncoder) return;
  var text = form.querySelector("textarea"), frame = Number(form.dataset.frame), limit = Number(form.dataset.limit);
  function show() {
    var left = limit - frame - new TextEncoder().encode(text.value.trim()).length;
    room.textContent = "已写 " + text.value.trim().length + " 个字；" +
      (left >= 0 ? "一条微信还剩 " + left + " 字节（约 " + Math.floor(left / 3) + " 个字）。" : "超过一条微信 " + -left + " 字节，请写短一点。");
    room.className = left >= 0 ? "" : "text-danger";
  }
  text.addEventListener("input", show);
  show();
})();
