// Sends a question without reloading the page; without this file the form does the same with a reload.
"use strict";
const talk = document.getElementById("talk");
const form = document.getElementById("ask");
const box = document.getElementById("text");

function say(text, who) {
  const div = document.createElement("div");
  div.className = "said " + who;
  div.textContent = text;
  talk.append(div);
  return div;
}

function show(reply) {
  const div = say(reply.text, "bot");
  if (reply.options.length) {
    const list = document.createElement("ol");
    reply.options.forEach((option) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${option.number}. ${option.label}`;
      button.addEventListener("click", () => send(option.send));
      item.append(button);
      list.append(item);
    });
    div.append(list);
  }
  if (reply.tail) div.append(reply.tail);
  div.scrollIntoView({ block: "start" });
}

function number() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}

async function post(body) {
  const response = await fetch(form.action, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (!response.ok) throw new Error(response.status);
  return response.json();
}

async function send(text) {
  text = text.trim();
  if (!text) return;
  say(text, "me").scrollIntoView({ block: "end" });
  // The same number on a second try: the server answers it again and counts it once.
  const body = JSON.stringify({ id: number(), text });
  try {
    show(await post(body).catch(() => post(body)));
  } catch {
    say(form.dataset.failed, "bot");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = box.value;
  box.value = "";
  send(text);
});
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
