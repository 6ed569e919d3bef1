/* The back office.
 *
 *   <input data-shortcut="/">            the key brings the cursor here; on a link or button it is pressed
 *   <form data-change>                   cash received minus what is due is the change, while it is typed
 *   <button data-tendered="300">         fills in the cash received
 *   <div data-live=... data-ask-again>   asks for its region again when something happened
 *   #trouble with data-field             its words stand beside the field it names, which gets the cursor
 *   <input data-count-room>              says how much room is left on the cake: [data-room-left], [data-readback-out]
 *   <form data-readback>                 [data-readback-tick] is for what stands there now: a change takes it away
 *   <form data-picture="...">            draws the cake anew while its parts are chosen
 */
(() => {
  "use strict";
  const ROOM = 24;
  const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
  const room = (text) => [...text.normalize("NFC").trim()].reduce((sum, c) => sum + (/[\p{Mn}\p{Cf}]/u.test(c) ? 0 : WIDE.test(c) ? 2 : 1), 0);

  const typing = (element) => element?.matches?.("input:not([type=radio], [type=checkbox]), textarea, select");

  /* Keys */
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && typing(document.activeElement)) return document.activeElement.blur();
    if (event.key === "/" && event.target.matches?.('[data-shortcut="/"], [data-find]') && !event.target.value) return event.preventDefault(); // the cursor is there already
    const special = event.key.length > 1;
    if (!special && typing(event.target)) return undefined;
    if (event.key === "Enter" && event.target !== document.body) return undefined;
    const place = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
    if (!place) return undefined;
    event.preventDefault();
    if (place.matches("input")) {
      place.focus();
      place.select();
    } else place.click();
    return undefined;
  });

  /* Change from cash */
  // The same amounts as shop/core/money.py reads: 1000, 1,000.50, full-width digits; never 1e3 or -5.
  const MOST_CASH_OVER = 1000000; // minor units above what is due, as shop/payments/cash.py has it
  function minor(text, symbol) {
    const wide = text.replace(/[０-９．，￥]/g, (c) => "0123456789.,¥"["０１２３４５６７８９．，￥".indexOf(c)]).trim();
    const bare = (wide.startsWith(symbol) ? wide.slice(symbol.length) : wide).trim();
    if (!/^(\d{1,12}|\d{1,3}(,\d{3}){1,3})(\.\d{1,2})?$/.test(bare)) return NaN;
    return Math.round(Number(bare.replace(/,/g, "")) * 100);
  }
  function change(form) {
    const due = Number(form.closest("[data-due]").dataset.due);
    const out = form.querySelector("[data-change-out]");
    const typed = form.elements.tendered.value;
    const back = minor(typed, form.dataset.symbol) - due;
    const fine = Number.isFinite(back) && back <= MOST_CASH_OVER;
    const odd = form.querySelector("[data-change-odd]");
    if (odd) odd.hidden = fine || !typed.trim();
    const money = (amount) => form.dataset.symbol + (amount / 100).toLocaleString("en", { minimumFractionDigits: amount % 100 ? 2 : 0 });
    const short = fine && back < 0;
    out.textContent = !fine ? "–" : money(Math.abs(back));
    out.classList.toggle("bad", short);
    for (const words of form.querySelectorAll("[data-change-words]")) words.hidden = (words.dataset.changeWords === "short") !== short;
  }
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-change]");
    if (form) change(form);
    if (event.target.matches?.("[data-count-room]")) count(event.target);
    if (!event.target.matches?.("[data-readback-tick]")) untick(event.target.closest?.("form[data-readback]"));
  });
  document.addEventListener("click", (event) => {
    const note = event.target.closest?.("[data-tendered]");
    if (!note) return;
    const form = note.closest("form");
    form.elements.tendered.value = note.dataset.tendered;
    change(form);
    form.querySelector(".btn-primary").focus();
  });

  /* The writing */
  function untick(form) {
    const tick = form?.querySelector("[data-readback-tick]");
    if (tick) tick.checked = false;
  }
  document.addEventListener("htmx:afterRequest", (event) => event.detail.xhr?.status < 400 || untick(event.target.closest?.("form[data-readback]")));
  function count(input) {
    const used = room(input.value);
    const scope = input.closest("form, section") || document;
    const left = input.closest(".field")?.querySelector("[data-room-left]");
    if (left) {
      left.textContent = `${used} / ${ROOM}`;
      left.classList.toggle("bad", used > ROOM);
    }
    input.setAttribute("aria-invalid", String(used > ROOM));
    const aloud = scope.querySelector("[data-readback-out]");
    if (aloud) aloud.textContent = input.value;
  }
  const countAll = (root) => root.querySelectorAll?.("[data-count-room]").forEach(count);

  /* What was refused */
  function point() {
    const box = document.getElementById("trouble");
    if (!box || box.hidden) return;
    document.querySelectorAll("[aria-invalid=true]:not([data-count-room])").forEach((f) => f.removeAttribute("aria-invalid"));
    document.querySelectorAll("[data-beside], .banner-bad[data-copy]").forEach((note) => note.remove());
    const dialog = document.querySelector("dialog[open]");
    const scope = (sent?.isConnected && sent) || dialog || document;
    if (beside(box, scope)) {
      box.hidden = true;
      return;
    }
    if (dialog && !dialog.contains(box)) {
      // A message under an open dialog is not seen: show a copy in it.
      const copy = box.cloneNode(true);
      copy.removeAttribute("id");
      copy.dataset.copy = "1";
      dialog.querySelector("h2")?.after(copy);
    } else box.scrollIntoView({ block: "nearest" });
  }

  /* The words stand beside the field of the form that was sent; they go when the field is changed. */
  let sent = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig?.verb !== "get") sent = event.target.closest?.("form");
  });
  function beside(box, scope) {
    const name = box.dataset.field;
    const field = name && [`="${name}"`, `^="${name}."`, `="${name.split(".")[0]}"`].map((n) => scope.querySelector(`[name${n}]:not([type=hidden])`)).find(Boolean);
    if (!field) return false;
    const words = document.createElement("p");
    words.className = "error";
    words.dataset.beside = field.name;
    words.id = "why";
    words.append(...[...box.childNodes].map((node) => node.cloneNode(true)));
    const place = field.matches("[type=radio], [type=checkbox]") ? field.closest("fieldset, label") : field;
    place.after(words);
    scope.querySelectorAll?.("[data-change-odd]").forEach((hint) => (hint.hidden = true));
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    field.setAttribute("aria-invalid", "true");
    if (!field.getAttribute("aria-describedby")?.split(" ").includes("why")) {
      field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") || ""} why`.trim());
    }
    field.focus();
    (field.closest(".field") || words).scrollIntoView({ block: "center" }); // not under the bar at the foot of a phone
    return true;
  }
  document.addEventListener("input", (event) => {
    const words = event.target.name && document.querySelector(`[data-beside="${CSS.escape(event.target.name)}"]`);
    if (!words || !event.target.form?.contains(words)) return;
    words.remove();
    event.target.removeAttribute("aria-invalid");
  });

  /* Live lists and sheets */
  document.addEventListener("fairslice:events", (event) => {
    const place = event.target;
    if (place.matches?.("[data-ask-again]")) {
      const form = document.getElementById("asking");
      if (form) place.dataset.region = `${form.getAttribute("hx-get")}?${new URLSearchParams(new FormData(form))}`;
      place.live?.refetch();
    }
    if (place.id === "order-live" && !document.querySelector("dialog[open]") && !typing(document.activeElement)) {
      window.htmx?.trigger(document.body, "order-moved");
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target;
    if (!form.matches?.("form[data-address]") || !event.detail.successful) return;
    const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(null, "", form.dataset.address + (asked.size ? `?${asked}` : ""));
  });

  /* The picture of a product */
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-picture]");
    if (!form || !/^(look\.|no_drip)/.test(event.target.name || "")) return;
    clearTimeout(form.drawing);
    form.drawing = setTimeout(async () => {
      const parts = new URLSearchParams([...new FormData(form)].filter(([name]) => /^(look\.|no_drip)/.test(name)));
      const answer = await fetch(`${form.dataset.picture}?${parts}`, { headers: { Accept: "text/html" } });
      if (answer.ok) document.getElementById("picture").innerHTML = await answer.text();
    }, 200);
  });

  /* A refused form that came back in its dialog */
  function reopen() {
    document.querySelectorAll("dialog[open]").forEach((dialog) => {
      dialog.close();
      dialog.showModal();
    });
  }
  document.addEventListener("htmx:afterSettle", (event) => {
    countAll(event.target);
    point();
    if (event.target.id === "screen") reopen();
  });
  document.addEventListener("DOMContentLoaded", () => {
    countAll(document);
    document.querySelectorAll("form[data-change]").forEach(change);
    reopen();
  });
  window.fairslice = Object.assign(window.fairslice || {}, { room, countAll, point });
})();
