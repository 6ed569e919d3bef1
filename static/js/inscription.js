/* The words on the cake: their true length while they are typed, phrases to tap, and the drawing that follows.
 *
 *   <input data-inscription data-limit="24">, <p id="count"> with [data-used], <button data-phrase>,
 *   <div id="preview" data-preview="/kiosk/preview/0"> shows the drawing the kitchen will get
 *   <p id="text-error"><span></span></p> says what cannot be written, as the answer's header Words-Trouble does
 */
(() => {
  "use strict";
  const PAUSE = 180;
  let timer = 0;
  let asked = 0;

  // As shop.orders.cart.inscription_length: a Chinese character takes 2, any other 1, a mark on a letter 0.
  const wide = /[\u1100-\u115f\u231a\u231b\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
  const none = /[\p{Mn}\p{Cf}\u302e\u302f]/u;
  function room(text) {
    let used = 0;
    for (const sign of text.normalize("NFC").trim().replace(/\s+/g, " ")) {
      used += none.test(sign) ? 0 : wide.test(sign) ? 2 : 1;
    }
    return used;
  }

  function count(field) {
    const used = room(field.value);
    const over = used > Number(field.dataset.limit);
    const line = document.getElementById("count");
    line.querySelector("[data-used]").textContent = used;
    line.classList.toggle("bad", over);
  }

  function complain(field, sentence) {
    const line = document.getElementById("text-error");
    line.querySelector("span").textContent = sentence;
    line.hidden = !sentence;
    if (sentence) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  async function draw(field) {
    const place = document.getElementById("preview");
    if (!place || !field.isConnected) return;
    const number = ++asked;
    const body = new FormData();
    body.set("text", field.value);
    body.set("csrf_token", window.fairslice.csrf());
    try {
      const answer = await fetch(place.dataset.preview, { method: "POST", body });
      if (!answer.ok || number !== asked || !field.isConnected) return;
      complain(field, decodeURIComponent(answer.headers.get("Words-Trouble") || ""));
      const picture = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
      const old = place.querySelector(".cake > :is(img, svg)");
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", old.getAttribute("alt") || old.getAttribute("aria-label"));
      old.replaceWith(document.adoptNode(picture));
    } catch { /* the network's own screen says so */ }
  }

  function follow(field) {
    count(field);
    clearTimeout(timer);
    timer = setTimeout(draw, PAUSE, field);
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-inscription]")) follow(event.target);
  });
  document.addEventListener("htmx:afterSettle", () => {
    const refused = document.querySelector("[data-inscription][aria-invalid]");
    if (refused) draw(refused); // the picture goes on showing what is in the field
  });
  document.addEventListener("click", (event) => {
    const phrase = event.target.closest?.("[data-phrase]");
    const field = phrase && document.querySelector("[data-inscription]");
    if (!field) return;
    field.value = phrase.hasAttribute("data-clear") ? "" : phrase.textContent.trim();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  window.fairslice = Object.assign(window.fairslice || {}, { room });
})();
