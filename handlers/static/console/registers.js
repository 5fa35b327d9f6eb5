/* Forms of the registers: fields that only go with some choice, each form sent once, files not too large. */
(function () {
  "use strict";

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  function valueOf(form, name) {
    var chosen = all('[name="' + name + '"]', form).filter(function (input) {
      return !input.disabled && (input.type !== "radio" || input.checked);
    })[0];
    return chosen ? chosen.value : "";
  }

  function follow(form) {
    function show() {
      all("[data-only]", form).forEach(function (field) {
        var among = JSON.parse(field.getAttribute("data-among"));
        var value = valueOf(form, field.getAttribute("data-only"));
        var asked = value !== "" && (among.length === 0 || among.indexOf(value) >= 0);
        field.hidden = !asked;
        all("input, select, textarea", field).forEach(function (input) { input.disabled = !asked; });
      });
    }
    form.addEventListener("change", show);
    show();
  }

  function sendOnce(form) {
    var buttons = all("button", form);
    form.addEventListener("submit", function (event) {
      if (form.getAttribute("data-sent")) { event.preventDefault(); return; }
      var file = form.querySelector('input[type="file"]');
      var most = Number(form.getAttribute("data-most"));
      if (file && file.files[0] && file.files[0].size > most - 65536) {
        event.preventDefault();
        document.getElementById(file.id + "-bad").textContent = "文件太大，请拆成几个小一点的文件。";
        return;
      }
      form.setAttribute("data-sent", "yes");
      var busy = form.getAttribute("data-busy");
      if (busy) {
        var said = document.createElement("p");
        said.setAttribute("role", "status");
        said.className = "mt-2";
        said.textContent = busy;
        form.appendChild(said);
      }
      window.setTimeout(function () { buttons.forEach(function (button) { button.disabled = true; }); }, 0);
    });
    window.addEventListener("pageshow", function (event) {
      if (!event.persisted) { return; }
      form.removeAttribute("data-sent");
      buttons.forEach(function (button) { button.disabled = false; });
    });
  }

  all("form[data-once]").forEach(function (form) { follow(form); sendOnce(form); });
  var problems = document.getElementById("problems");
  if (problems) { problems.focus(); }
}());
