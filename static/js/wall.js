/* The wall: taps that name a person, undo for a minute, a screen that stays on. */
(() => {
  "use strict";
  const STAYS = 10 * 60 * 1000; // a chosen person stays chosen this long after the last tap
  const UNDO = 60;
  const TRIES = 3;
  const body = document.body;
  const { toast, newKey } = window.fairslice;
  const tapForm = () => document.getElementById("tap");

  /* Who taps. */
  let person = "";
  let chosenAt = 0;
  const chips = () => [...document.querySelectorAll('input[name="person"][form="tap"]')];
  const alone = () => chips().length === 0; // somebody is signed in here: it is always them
  function keep() { // the same place as person.js: from one station, and from one scanned cake, to the next
    chosenAt = Date.now();
    sessionStorage.setItem("person", JSON.stringify({ id: person, at: chosenAt }));
  }
  function choose(id) {
    person = id;
    keep();
    for (const chip of chips()) chip.checked = chip.value === id;
  }
  function current() {
    if (person && Date.now() - chosenAt > STAYS) choose("");
    return chips().some((chip) => chip.value === person) ? person : ""; // never somebody whose name is not shown
  }
  const show = () => {
    for (const chip of chips()) chip.checked = chip.value === current();
  };
  const kept = JSON.parse(sessionStorage.getItem("person") || "null");
  if (kept?.id && Date.now() - kept.at < STAYS) {
    person = kept.id;
    chosenAt = kept.at;
    show();
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches?.('input[name="person"][form="tap"]')) choose(event.target.value);
  });
  document.addEventListener("fairslice:region", show);
  setInterval(current, 15000);

  /* The second tap of a hasty pair means the dialog that the first one closed, not the card that lay under it. */
  const HASTE = 350, NEAR = 24; // milliseconds, pixels
  let last = null;
  document.addEventListener("click", (event) => {
    const inside = event.target.closest?.("dialog");
    const here = { x: event.clientX, y: event.clientY, at: event.timeStamp };
    if (!event.detail) return; // a keyboard's
    if (!inside && last && here.at - last.at < HASTE && Math.hypot(here.x - last.x, here.y - last.y) < NEAR) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    last = inside ? here : null;
  }, true);

  /* Asks who taps; "" when it was not meant: the cancel button, Escape, or a tap beside the dialog. */
  function askWho(button) {
    return new Promise((answer) => {
      let who = "";
      const box = document.createElement("dialog");
      box.className = "dialog w-dialog";
      const title = document.createElement("h2");
      title.textContent = tapForm().dataset.who;
      title.id = "who-title";
      box.setAttribute("aria-labelledby", "who-title");
      const names = document.createElement("div");
      names.className = "tiles tiles-3";
      for (const chip of chips()) {
        const name = document.createElement("button");
        name.type = "button";
        name.className = "tile";
        name.textContent = chip.closest("label").textContent.trim();
        name.addEventListener("click", () => {
          who = chip.value;
          choose(who);
          box.close();
        });
        names.append(name);
      }
      const actions = document.createElement("div");
      actions.className = "actions";
      const cancel = document.createElement("button");
      cancel.type = "button";
      cancel.className = "btn";
      cancel.textContent = tapForm().dataset.cancel;
      cancel.addEventListener("click", () => box.close());
      actions.append(cancel);
      box.append(title, names, actions);
      box.addEventListener("close", () => {
        box.remove();
        if (button?.isConnected) button.focus();
        answer(who);
      });
      body.append(box);
      box.showModal();
    });
  }

  function inThisLanguage(address) {
    const lang = new URLSearchParams(location.search).get("lang");
    const url = new URL(address, location.href);
    if (lang) url.searchParams.set("lang", lang);
    return url;
  }

  /* Taps: the same key until there is an answer. */
  async function post(address, fields) {
    for (let turn = 1; ; turn += 1) {
      const stop = new AbortController();
      const late = setTimeout(() => stop.abort(), 6000);
      try {
        return await fetch(inThisLanguage(address), {
          method: "POST", body: fields, signal: stop.signal, redirect: "follow",
          headers: { "HX-Request": "true", "X-CSRFToken": window.fairslice.csrf() },
        });
      } catch (trouble) {
        if (turn === TRIES) throw trouble;
        await new Promise((again) => setTimeout(again, 700));
      } finally {
        clearTimeout(late);
      }
    }
  }

  async function tap(address, values, button) {
    const form = tapForm();
    const fields = new URLSearchParams(values);
    fields.set("key", newKey());
    const card = button?.closest(".w-card");
    if (button) button.disabled = true;
    card?.setAttribute("aria-busy", "true");
    try {
      const answer = await post(address, fields);
      const way = answer.headers.get("HX-Redirect");
      if (way) {
        location.assign(way);
        return false;
      }
      const tale = answer.headers.get("X-Told");
      const said = tale ? JSON.parse(decodeURIComponent(tale)) : {};
      if (tale) {
        const place = document.querySelector("[data-live]");
        place?.live?.put(await answer.text(), (answer.headers.get("ETag") || "").replace(/^W\/|"/g, ""));
      }
      if (said.field === "person") choose("");
      if (answer.ok) {
        if (person) keep();
        const undo = said.undo && { label: form.dataset.undo, run: () => send(form.dataset.recall, { task: said.undo }) };
        if (said.say) toast(said.say, undo ? { seconds: UNDO, action: undo } : {});
      } else {
        const over = said.field === "takeover" && { label: form.dataset.takeover, run: () => send(address, { ...values, takeover: "1" }) };
        toast(said.say || form.dataset.lost, { kind: "bad", seconds: over ? 15 : 8, ...(over && { action: over }) });
      }
      return answer.ok;
    } catch {
      toast(form.dataset.lost, { kind: "bad", seconds: 10 });
      return false;
    } finally {
      if (button) button.disabled = false;
      card?.removeAttribute("aria-busy");
    }
  }

  async function send(address, values, button) {
    if (!alone() && !values.person) {
      const who = current() || (await askWho(button));
      if (!who) return false;
      values = { ...values, person: who };
    }
    return tap(address, values, button);
  }

  document.addEventListener("click", (event) => {
    // Before the browser asks for a required name by itself.
    const button = event.target.closest?.('button[form="tap"][formaction]');
    if (!button || !tapForm()?.hasAttribute("data-tap")) return; // without a live board: a plain form
    event.preventDefault();
    button.closest("dialog")?.close();
    const values = { [button.name]: button.value };
    if (button.dataset.person && !alone()) values.person = button.dataset.person; // asked by name: it is them
    send(button.getAttribute("formaction"), values, button);
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-tap]") || event.defaultPrevented || !tapForm()?.hasAttribute("data-tap") || form === tapForm()) return;
    event.preventDefault();
    const button = event.submitter;
    const values = Object.fromEntries(new FormData(form, button));
    delete values.key;
    if (values.person) choose(values.person);
    const dialog = form.closest("dialog");
    if (await send(button?.getAttribute("formaction") || form.getAttribute("action"), values, button)) dialog?.close();
  });

  /* <a data-dialog>: the page it leads to opens as a dialog. */
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    link.closest("dialog")?.close();
    const answer = await fetch(inThisLanguage(link.href), { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) {
      location.assign(link.href);
      return;
    }
    const box = document.createElement("template");
    box.innerHTML = await answer.text();
    const dialog = box.content.firstElementChild;
    document.getElementById(dialog.id)?.remove();
    body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    for (const name of dialog.querySelectorAll('input[name="person"]')) name.required = false; // asked for in our own words
    const mine = dialog.querySelector(`input[name="person"][value="${current()}"]`);
    if (mine) mine.checked = true;
    dialog.showModal();
    document.dispatchEvent(new CustomEvent("fairslice:dialog"));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("dialog a[data-close]")) event.preventDefault();
  });

  /* A wall must not fall asleep. */
  async function stayAwake() {
    try {
      if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen");
    } catch { /* not allowed here: the display's own settings must do it */ }
  }
  document.addEventListener("visibilitychange", stayAwake);
  document.addEventListener("pointerdown", stayAwake, { once: true });
  stayAwake();
})();
