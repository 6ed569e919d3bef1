/* A courier's taps survive a dead network. Each is written to the phone first (IndexedDB, durability strict) with its
 * own key, then sent in order; the server does each key once. One that is refused "needs you" and holds up only its
 * own delivery, until it is forgotten or tapped anew. Photos wait with their tap.
 *
 *   <form data-queue="Arrived" data-drop="7">     a tap that may wait; data-online on it: one that may not
 *   <section data-step="arrive" data-then="hand_over">   after the tap this step gives way to the next
 */
(() => {
  "use strict";
  const me = document.querySelector("meta[name=courier]");
  if (!me) return;
  const words = JSON.parse(me.dataset.words);
  const who = me.content;
  const AGAIN = 4000;
  const SHOWN = 20000; // milliseconds that a done tap stays in the list
  const WITHIN = 20000;

  let opened = null;
  const database = () =>
    (opened ||= new Promise((good, bad) => {
      const ask = indexedDB.open("fairslice-courier", 1);
      ask.onupgradeneeded = () => ask.result.createObjectStore("taps", { keyPath: "id", autoIncrement: true });
      ask.onsuccess = () => good(ask.result);
      ask.onerror = () => bad(ask.error);
    }));

  async function store(mode, what) {
    const db = await database();
    return new Promise((good, bad) => {
      const turn = db.transaction("taps", mode, { durability: "strict" });
      const ask = what(turn.objectStore("taps"));
      turn.oncomplete = () => good(ask?.result);
      turn.onerror = turn.onabort = () => bad(turn.error);
    });
  }
  const keep = (tap) => store("readwrite", (taps) => taps.put(tap));
  const forget = (id) => store("readwrite", (taps) => taps.delete(id));
  const all = async () => (await store("readonly", (taps) => taps.getAll())).filter((tap) => tap.who === who);

  async function renewToken() {
    const answer = await fetch("/courier/day", { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("meta[name=csrf]")?.content;
    if (token) document.querySelector("meta[name=csrf]").content = token;
    return Boolean(token);
  }

  /* Returns the answer, or null while there is no network. */
  async function send(tap, fresh = false) {
    const body = new FormData();
    for (const [name, value] of tap.fields) body.append(name, value);
    body.append("tapped", tap.at);
    body.append("csrf_token", window.fairslice.csrf());
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), WITHIN);
    try {
      const headers = { "Idempotency-Key": tap.key, Accept: "application/json", "X-CSRFToken": window.fairslice.csrf() };
      const answer = await fetch(tap.url, { method: "POST", body, headers, signal: stop.signal, cache: "no-store" });
      const told = await answer.json().catch(() => ({}));
      if (answer.status === 403 && told.type === "urn:fairslice:no_token" && !fresh && (await renewToken())) return send(tap, true);
      return { status: answer.status, told };
    } catch {
      return null;
    } finally {
      clearTimeout(late);
    }
  }

  let running = false;
  let timer = 0;
  async function flush() {
    if (running) return;
    running = true;
    clearTimeout(timer);
    try {
      if (navigator.locks) await navigator.locks.request("fairslice-courier", round);
      else await round();
    } finally {
      running = false;
    }
    await show();
  }

  async function round() {
    const held = new Set();
    let go = "";
    for (const tap of await all()) {
      if (tap.state === "refused") held.add(tap.drop);
      if (tap.state !== "waiting" || held.has(tap.drop)) continue;
      const answer = await send(tap);
      if (!answer || answer.status >= 500 || answer.status === 429) {
        timer = setTimeout(flush, AGAIN);
        return;
      }
      if (answer.status === 401 || answer.told.type === "urn:fairslice:no_token") {
        trouble(words.signIn);
        return;
      }
      if (answer.status < 300) {
        await keep({ ...tap, state: "done", fields: [], ended: Date.now() });
        if (answer.told.where) remember(tap.drop, answer.told.where);
        if (tap.name === "pick_up") localStorage.removeItem(`codes-${tap.drop}`);
        if (tap.name === "hand_over" || tap.name === "bring_back") sessionStorage.removeItem(`where-${tap.drop}`);
        if (shownDrop() === tap.drop) go = answer.told.go;
      } else {
        held.add(tap.drop);
        localStorage.removeItem(`codes-${tap.drop}`);
        await keep({ ...tap, state: "refused", why: answer.told.title || "", fields: [] });
      }
    }
    if (go && !(await all()).some((tap) => tap.state !== "done" && tap.drop === shownDrop())) location.assign(go);
  }

  const shownDrop = () => document.querySelector("[data-drop-page]")?.dataset.dropPage || "";
  const remember = (drop, html) => sessionStorage.setItem(`where-${drop}`, html);

  function showWhere() {
    const place = document.getElementById("where");
    const html = shownDrop() && sessionStorage.getItem(`where-${shownDrop()}`);
    if (!html || !place?.hidden) return;
    const box = document.createElement("template");
    box.innerHTML = html;
    place.replaceWith(box.content.firstElementChild || "");
    document.getElementById("ask-where")?.remove();
  }

  function trouble(sentence) {
    const place = document.getElementById("trouble");
    place.className = "banner banner-warn";
    place.setAttribute("role", "alert");
    place.textContent = sentence;
    place.hidden = false;
  }

  /* Each label that the phone's camera scans opens a page of its own; the codes come together here. */
  function gather() {
    const page = document.querySelector("[data-drop-page]");
    const fields = [...document.querySelectorAll('input[name="code"]')];
    if (!page || !fields.length) return;
    const name = `codes-${page.dataset.dropPage}`;
    const codes = new Set(JSON.parse(localStorage.getItem(name) || "[]"));
    if (page.dataset.scanned) codes.add(page.dataset.scanned);
    localStorage.setItem(name, JSON.stringify([...codes]));
    [...codes].slice(0, fields.length).forEach((code, n) => { fields[n].value = code; });
    (fields.find((field) => !field.value) || fields[0].form.querySelector("button")).focus();
  }

  /* The list of taps, and the step that comes after what waits. */
  async function show() {
    const taps = await all().catch(() => []);
    for (const tap of taps) if (tap.state === "done" && Date.now() - tap.ended > SHOWN) await forget(tap.id);
    const shown = taps.filter((tap) => tap.state !== "done" || Date.now() - tap.ended < SHOWN);
    const place = document.getElementById("queue");
    const list = document.createElement("ol");
    for (const tap of shown) {
      const line = document.createElement("li");
      line.className = `is-${tap.state}`;
      line.dataset.tap = tap.key;
      const what = document.createElement("span");
      what.textContent = `${tap.number} ${tap.label}`;
      const how = document.createElement("span");
      how.textContent = tap.state === "waiting" && navigator.onLine && running ? words.sending : words[tap.state];
      line.append(what, how);
      if (tap.state === "refused") {
        const why = document.createElement("p");
        why.textContent = tap.why;
        const look = document.createElement("a");
        look.className = "btn btn-small";
        look.href = `/courier/drop/${tap.drop}`;
        look.textContent = words.open;
        const away = document.createElement("button");
        away.className = "btn btn-small";
        away.textContent = words.drop;
        away.addEventListener("click", () => forget(tap.id).then(flush));
        line.append(why, look, away);
      }
      list.append(line);
    }
    place.replaceChildren(list);
    place.hidden = !shown.length;
    if (shown.some((tap) => tap.state === "done")) setTimeout(show, SHOWN);
    advance(shown.filter((tap) => tap.state === "waiting" && tap.drop === shownDrop()).map((tap) => tap.name));
  }

  /* The step after what waits; refused or sent, the page's own first step again. */
  function advance(waiting) {
    const steps = [...document.querySelectorAll("[data-step]")];
    let at = 0;
    for (const name of waiting) at = Math.max(at, steps.findIndex((step) => step.dataset.step === name) + 1);
    const next = steps[at];
    const fresh = next?.hidden;
    steps.forEach((step, n) => { step.hidden = n !== at; });
    if (fresh) next.querySelector("button, input:not([type=hidden])")?.focus();
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-queue]") || !window.indexedDB) return;
    event.preventDefault();
    const fields = [...new FormData(form)].filter(([name, value]) =>
      !["csrf_token", "key"].includes(name) && !(value instanceof File && !value.size));
    const name = form.action.split("/").pop().replace("pick-up", "pick_up").replace("hand-over", "hand_over").replace("back", "bring_back");
    const tap = {
      who, name, fields, url: form.action, drop: form.dataset.drop, label: form.dataset.queue, state: "waiting",
      number: document.querySelector(".drop header b")?.textContent || "", key: window.fairslice.newKey(),
      at: new Date().toISOString(),
    };
    if (form.hasAttribute("data-online")) {
      const answer = await send(tap);
      if (answer?.told.where) remember(tap.drop, answer.told.where);
      else window.fairslice.toast(answer?.told.title || words.offline, { kind: "bad" });
      showWhere();
      return;
    }
    try {
      // What was refused has been seen here: this tap takes its place, so that nothing waits behind it.
      for (const old of (await all()).filter((one) => one.state === "refused" && one.drop === tap.drop)) {
        if (old.name === tap.name) tap.id = old.id;
        else await forget(old.id);
      }
      await keep(tap);
    } catch {
      trouble(words.noStore);
      form.submit(); // as a plain form: it carries a key of its own
      return;
    }
    if (!navigator.onLine) window.fairslice.toast(words.kept);
    await show();
    flush();
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-leave]")) return;
    sessionStorage.clear();
    navigator.serviceWorker?.controller?.postMessage("forget");
  });

  document.addEventListener("click", (event) => {
    const key = event.target.closest?.("[data-pad] [data-key]");
    if (!key) return;
    const field = document.getElementById(key.closest("[data-pad]").dataset.pad);
    const said = key.dataset.key;
    field.value = said === "clear" ? "" : said === "back" ? field.value.slice(0, -1) : (field.value + said).slice(0, 8);
  });

  addEventListener("online", flush);
  addEventListener("pageshow", flush);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());

  const start = () => {
    for (const pad of document.querySelectorAll("[data-pad]")) {
      pad.hidden = false;
      document.getElementById(pad.dataset.pad).inputMode = "none";
    }
    showWhere();
    gather();
    const hint = document.getElementById("no-camera");
    if (hint && !window.isSecureContext) {
      hint.textContent = words.noCamera;
      hint.hidden = false;
    }
    if (navigator.serviceWorker) navigator.serviceWorker.register("/courier/worker.js", { scope: "/courier/" }).catch(() => {});
    else if (!window.isSecureContext) sessionStorage.getItem("no-shell") || (sessionStorage.setItem("no-shell", "1"), window.fairslice.toast(words.noShell));
    flush();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
