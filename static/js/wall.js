/* The wall: a clock that runs on the shop's time, taps that name a person, undo for a minute, a screen that stays on. */
(() => {
  "use strict";
  const STAYS = 10 * 60 * 1000; // a chosen person stays chosen this long after the last tap
  const UNDO = 60;
  const TRIES = 3;
  const body = document.body;
  const { toast, newKey } = window.fairslice;
  const tapForm = () => document.getElementById("tap");

  /* The clock: the server's time, running on between its words. */
  let told = Date.parse(body.dataset.now);
  let toldAt = performance.now();
  const speed = Number(body.dataset.speed || 1);
  const clockWords = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: body.dataset.zone });
  function tick() {
    const text = clockWords.format(new Date(told + (performance.now() - toldAt) * speed));
    for (const clock of document.querySelectorAll("[data-clock]")) if (clock.textContent !== text) clock.textContent = text;
  }
  /* Minutes go on between two renderings, also while the line is down. */
  let drawnAt = told;
  function countDown() {
    const words = tapForm()?.dataset;
    const gone = Math.floor((told + (performance.now() - toldAt) * speed - drawnAt) / 60000);
    if (!words?.left || gone < 1) return;
    for (const sign of document.querySelectorAll("[data-slack]")) {
      const slack = Number(sign.dataset.slack) - gone;
      const text = (slack < 0 ? words.late : words.left).replace("{}", Math.abs(slack));
      if (sign.textContent !== text) sign.textContent = text;
    }
  }
  document.addEventListener("fairslice:region", () => {
    drawnAt = told + (performance.now() - toldAt) * speed;
  });
  setInterval(countDown, 2000);
  document.addEventListener("fairslice:now", (event) => {
    told = Date.parse(event.detail.now);
    toldAt = performance.now();
  });
  setInterval(tick, 500);

  /* Who taps. */
  let person = "";
  let chosenAt = 0;
  const chips = () => [...document.querySelectorAll('input[name="person"][form="tap"]')];
  const alone = () => chips().length === 0; // somebody is signed in here: it is always them
  function choose(id) {
    person = id;
    chosenAt = Date.now();
    for (const chip of chips()) chip.checked = chip.value === id;
  }
  function current() {
    if (person && Date.now() - chosenAt > STAYS) choose("");
    return person;
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches?.('input[name="person"][form="tap"]')) choose(event.target.value);
  });
  document.addEventListener("fairslice:region", () => {
    for (const chip of chips()) chip.checked = chip.value === current();
    tick();
  });
  setInterval(current, 15000);

  function askWho() {
    return new Promise((answer) => {
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
          choose(chip.value);
          box.close();
        });
        names.append(name);
      }
      box.append(title, names);
      box.addEventListener("close", () => {
        box.remove();
        answer(current());
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
        chosenAt = Date.now();
        const undo = said.undo && { label: form.dataset.undo, run: () => send(form.dataset.recall, { task: said.undo }) };
        if (said.say) toast(said.say, undo ? { seconds: UNDO, action: undo } : {});
      } else {
        toast(said.say || form.dataset.lost, { kind: "bad", seconds: 8 });
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
      const who = current() || (await askWho());
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
    send(button.getAttribute("formaction"), { [button.name]: button.value }, button);
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-tap]") || event.defaultPrevented || !tapForm() || form === tapForm()) return;
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    delete values.key;
    if (values.person) choose(values.person);
    const dialog = form.closest("dialog");
    if (await send(form.getAttribute("action"), values, event.submitter)) dialog?.close();
  });

  /* <a data-dialog>: the page it leads to opens as a dialog. */
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
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
  tick();
})();
