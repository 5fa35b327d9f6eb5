// The form of an entry: the preview follows the typing, entries are found by typing, a wait is said, nothing is lost.
(function () {
  "use strict";

  // A form is sent once; which of its buttons was pressed goes along.
  Array.prototype.forEach.call(document.querySelectorAll("form"), function (form) {
    var pressed = null;
    form.addEventListener("click", function (event) {
      var button = event.target.closest ? event.target.closest("button[name]") : null;
      if (button) { pressed = button; }
    });
    form.addEventListener("submit", function (event) {
      if (form.getAttribute("data-sent")) { event.preventDefault(); return; }
      form.setAttribute("data-sent", "1");
      var hint = document.getElementById("ask-hint");
      if (pressed && pressed.getAttribute("data-wait") && hint) { hint.textContent = pressed.getAttribute("data-wait"); }
      // The answer may be a download or an error; and the back button shows the page as it was.
      window.setTimeout(function () { form.removeAttribute("data-sent"); }, 20000);
    });
  });
  window.addEventListener("pageshow", function () {
    Array.prototype.forEach.call(document.querySelectorAll("form[data-sent]"), function (form) { form.removeAttribute("data-sent"); });
  });

  var problems = document.getElementById("problems");
  if (problems && problems.getAttribute("tabindex")) { problems.focus(); }

  // The server asks for it too; a browser that was asleep may have forgotten.
  var again = document.querySelector("[data-again]");
  if (again) { window.setTimeout(function () { window.location.replace(again.getAttribute("data-again")); }, 3000); }

  var entry = document.getElementById("entry");
  if (!entry) { return; }

  // ---- preview
  var timer = 0, latest = 0;
  function put(id, html) {
    var place = document.getElementById(id);
    if (place && place.innerHTML !== html) { place.innerHTML = html; }
  }
  function refresh() {
    var mine = ++latest;
    var data = new FormData(entry);
    data.delete("base");
    data.delete("older");
    fetch(entry.getAttribute("data-preview"), { method: "POST", body: data, credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok || answer.redirected) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(function (html) {
      if (mine !== latest) { return; }
      var page = new DOMParser().parseFromString(html, "text/html");
      Array.prototype.forEach.call(page.querySelectorAll("[data-for]"), function (part) {
        var name = part.getAttribute("data-for");
        if (name === "reply" || name === "length") { put("preview-" + name, part.innerHTML); }
        else if (name === "basis") { put("basis-texts", part.innerHTML); }
        else { put(name, part.innerHTML); }
      });
    }).catch(function () {
      if (mine === latest) { put("preview-length", "预览没有更新：网络不通，或者登录到时间了。先把写好的复制出来。"); }
    });
  }
  entry.addEventListener("input", function (event) {
    if (event.target.id === "ask" || event.target.hasAttribute("data-find")) { return; }
    window.clearTimeout(timer);
    timer = window.setTimeout(refresh, 700);
  });
  entry.addEventListener("change", function (event) {
    if (event.target.tagName !== "SELECT") { return; }
    window.clearTimeout(timer);
    timer = window.setTimeout(refresh, 300);
  });

  // ---- leaving with unsaved words
  var touched = false;
  entry.addEventListener("input", function () { touched = true; });
  entry.addEventListener("submit", function () { touched = false; });
  window.addEventListener("beforeunload", function (event) {
    if (touched) { event.preventDefault(); event.returnValue = ""; }
  });

  // ---- choosing entries by words instead of from a long list
  function make(tag, className, text) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (text) { made.textContent = text; }
    return made;
  }
  Array.prototype.forEach.call(entry.querySelectorAll("select[data-pick]"), function (select) {
    var label = entry.querySelector("label[for='" + select.id + "']");
    var picked = make("ul", "faq-picked"), found = make("ul", "faq-found"), status = make("div", "form-text");
    var find = make("input", "form-control");
    find.type = "search";
    find.id = select.id + "-find";
    find.setAttribute("data-find", "");
    find.setAttribute("placeholder", "打几个字找条目");
    find.setAttribute("aria-describedby", select.getAttribute("aria-describedby"));
    find.autocomplete = "off";
    status.setAttribute("role", "status");
    picked.setAttribute("aria-label", "已选的");
    if (label) { label.htmlFor = find.id; }
    select.hidden = true;
    var plain = select.parentNode.querySelector("[data-plain]");
    if (plain) { plain.hidden = true; }
    [status, found, find, picked].forEach(function (one) { select.parentNode.insertBefore(one, select.nextSibling); });

    function changed() {
      touched = true;
      draw();
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function draw() {
      picked.textContent = "";
      Array.prototype.forEach.call(select.options, function (option) {
        if (!option.selected) { return; }
        var item = make("li"), button = make("button", "btn btn-sm btn-outline-secondary", option.text + " ✕");
        button.type = "button";
        button.setAttribute("aria-label", "去掉：" + option.text);
        button.addEventListener("click", function () { option.selected = false; changed(); find.focus(); });
        item.appendChild(button);
        picked.appendChild(item);
      });
      search();
    }
    function search() {
      found.textContent = "";
      status.textContent = "";
      var words = find.value.trim().toLowerCase().split(/\s+/).filter(Boolean), shown = 0, more = 0;
      if (!words.length) { return; }
      Array.prototype.forEach.call(select.options, function (option) {
        var text = (option.text + " " + option.value).toLowerCase();
        if (option.selected || !words.every(function (word) { return text.indexOf(word) >= 0; })) { return; }
        if (shown >= 8) { more += 1; return; }
        shown += 1;
        var item = make("li"), button = make("button", "btn btn-sm btn-outline-primary", "＋ " + option.text);
        button.type = "button";
        button.addEventListener("click", function () { option.selected = true; find.value = ""; changed(); find.focus(); });
        item.appendChild(button);
        found.appendChild(item);
      });
      status.textContent = shown ? (more ? "还有 " + more + " 条，多打几个字" : "") : "没有找到，换个词";
    }
    find.addEventListener("input", search);
    find.addEventListener("keydown", function (event) {
      if (event.key === "Enter") {
        event.preventDefault();
        var first = found.querySelector("button");
        if (first) { first.click(); }
      }
    });
    draw();
  });
}());
