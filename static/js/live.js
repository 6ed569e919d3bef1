/* Keeps a region of the page live.
 *
 *   <div data-live="/kitchen/oven/live" data-region="/kitchen/oven/region" data-seq="4711" data-hash="...">
 *     <main id="board" data-count="7"> ... </main>     the region: one element, replaced by morphing
 *   </div>
 *     data-patience="60000" on a phone: milliseconds between tries while there is no socket for it
 *   <span id="live" class="live" data-live-words='{"live":"...","stale":"...","off":"... {time}","poll":"..."}'>
 *
 * A socket first; while there is none, the region is asked for every ten seconds (If-None-Match). Every message
 * carries the diary's number: what was missed comes again by `?after=`, and nothing is taken twice. Says
 * "fairslice:events" {events}, "fairslice:region" {root}, "fairslice:now" {now} on the live element.
 */
(() => {
  "use strict";
  const STALE = 5000;
  const OFFLINE = 6800; // shown by the seventh second
  const POLL = 10000;
  const FIRST_BACK = 200;
  const LAST_BACK = 2400;
  const HANDSHAKE = 2000; // a try that began before the network healed must not hold up the next one
  const LOOK = 200;

  class Live {
    constructor(place) {
      this.place = place;
      this.seq = Number(place.dataset.seq || 0) || null;
      this.hash = place.dataset.hash || "";
      this.heard = performance.now();
      this.clock = document.querySelector("[data-clock]")?.textContent || "";
      this.wait = FIRST_BACK;
      this.lastBack = Number(place.dataset.patience) || LAST_BACK; // phones: there may be no socket left for them
      this.handshake = place.dataset.patience ? 10000 : HANDSHAKE;
      this.socket = null;
      this.polls = false;
      this.waiting = null; // a region that came while a button was pressed
      this.lastPoll = 0;
      this.connect();
      this.looking = setInterval(() => this.watch(), LOOK);
      this.listening = new AbortController();
      const { signal } = this.listening;
      addEventListener("online", () => this.again(0), { signal });
      document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.watch(), { signal });
      addEventListener("pageshow", (event) => event.persisted && this.again(0), { signal });
      for (const what of ["pointerup", "pointercancel", "keyup"]) {
        document.addEventListener(what, () => setTimeout(() => this.unhold(), 60), { capture: true, signal });
      }
      document.addEventListener("pointerdown", (event) => {
        this.pressed = Boolean(event.target.closest?.("button, a, label, input, select, dialog[open]"));
      }, { capture: true, signal });
    }

    /* The page came anew around it: another one watches in its place. */
    retire() {
      clearInterval(this.looking);
      clearTimeout(this.timer);
      this.listening.abort();
      this.drop();
    }

    connect() {
      clearTimeout(this.timer);
      const address = new URL(this.place.dataset.live, location.href);
      address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
      address.host = location.host; // by the name that this browser calls the shop
      if (this.seq !== null) address.searchParams.set("after", this.seq);
      if (this.hash) address.searchParams.set("have", this.hash);
      const lang = new URLSearchParams(location.search).get("lang");
      if (lang) address.searchParams.set("lang", lang);
      let socket;
      try {
        socket = new WebSocket(address);
      } catch {
        this.again();
        return;
      }
      this.socket = socket;
      this.opened = performance.now();
      socket.onmessage = (event) => socket === this.socket && this.hear(JSON.parse(event.data));
      socket.onclose = (event) => {
        if (socket !== this.socket) return;
        this.socket = null;
        if (event.code === 1008) location.reload(); // not allowed any more: the page leads to pairing or sign-in
        else this.again(event.code === 1012 ? FIRST_BACK : undefined);
      };
    }

    drop() {
      // A black hole answers no close: forget the socket at once instead of waiting for it.
      const socket = this.socket;
      this.socket = null;
      try { socket?.close(); } catch { /* it is gone */ }
    }

    again(soon) {
      if (soon !== undefined) this.wait = soon;
      this.drop();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 4));
      this.wait = Math.min(this.lastBack, Math.max(FIRST_BACK, this.wait * 2));
    }

    hear(message) {
      this.heard = performance.now();
      this.clock = document.querySelector("[data-clock]")?.textContent || this.clock;
      this.wait = FIRST_BACK;
      this.polls = false;
      if (message.now) this.tell("fairslice:now", { now: message.now });
      if ("beat" in message) {
        if (this.seq !== null && message.beat > this.seq) return this.refetch(); // a message is missing
        if (this.countDiffers(message.count)) return this.refetch();
        this.seq = message.beat;
        return this.show();
      }
      const last = this.seq ?? 0;
      const fresh = message.gap ? [] : message.events.filter((event) => event.seq > last);
      this.seq = message.gap ? message.seq : Math.max(last, message.seq);
      if (message.html !== undefined) this.put(message.html, message.hash);
      if (fresh.length) this.tell("fairslice:events", { events: fresh });
      this.show();
      return undefined;
    }

    countDiffers(count) {
      const shown = this.place.querySelector("[data-count]")?.dataset.count;
      return count !== null && count !== undefined && shown !== undefined && !this.waiting && Number(shown) !== count;
    }

    /* Never under a finger: a region that comes while something is pressed waits until it is let go. */
    put(html, hash) {
      this.hash = hash || "";
      if (this.pressed || this.place.querySelector("dialog[open]")) {
        this.waiting = html;
        return;
      }
      this.waiting = null;
      const box = document.createElement("template");
      box.innerHTML = html;
      const fresh = box.content.firstElementChild;
      const root = this.place.firstElementChild;
      if (!fresh || !root) return;
      if (window.Idiomorph) {
        window.Idiomorph.morph(root, fresh, {
          morphStyle: "outerHTML",
          ignoreActiveValue: true,
          callbacks: {
            beforeNodeMorphed: (old) => !(old.matches?.("[data-keep]")),
            beforeAttributeUpdated: (name, old) => !(name === "open" && old.matches?.("details")), // as somebody left it
          },
        });
      } else {
        const focus = document.activeElement?.id;
        root.replaceWith(fresh);
        if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
      }
      this.tell("fairslice:region", { root: this.place.firstElementChild });
    }

    unhold() {
      this.pressed = false;
      if (this.waiting !== null && !this.place.querySelector("dialog[open]")) this.put(this.waiting, this.hash);
    }

    tell(name, detail) {
      this.place.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
    }

    /* How old is the last word? */
    watch() {
      const age = performance.now() - this.heard;
      const connecting = this.socket?.readyState === WebSocket.CONNECTING;
      if (this.socket && !connecting && age > OFFLINE) this.again(FIRST_BACK);
      if (connecting && performance.now() - this.opened > this.handshake) this.again(FIRST_BACK);
      if (age > OFFLINE && performance.now() - this.lastPoll > POLL) this.refetch();
      if (this.waiting !== null && !this.pressed) this.unhold();
      this.show();
    }

    /* The region whole, by an ordinary request. */
    async refetch() {
      this.lastPoll = performance.now();
      const stop = new AbortController();
      const late = setTimeout(() => stop.abort(), 5000);
      try {
        const headers = { "HX-Request": "true" };
        if (this.hash && !this.countDiffers(this.lastCount)) headers["If-None-Match"] = `"${this.hash}"`;
        const address = new URL(this.place.dataset.region, location.href);
        const lang = new URLSearchParams(location.search).get("lang");
        if (lang) address.searchParams.set("lang", lang);
        const answer = await fetch(address, { headers, signal: stop.signal, cache: "no-store" });
        if (answer.status === 401 || answer.status === 403) return location.reload();
        if (!answer.ok && answer.status !== 304) return undefined;
        this.answered = performance.now();
        this.clock = document.querySelector("[data-clock]")?.textContent || this.clock;
        this.polls = this.socket?.readyState !== WebSocket.OPEN;
        if (answer.headers.get("X-Now")) this.tell("fairslice:now", { now: answer.headers.get("X-Now") });
        if (answer.status === 200) {
          this.put(await answer.text(), (answer.headers.get("ETag") || "").replace(/^W\/|"/g, ""));
          if (!this.polls) this.seq = Number(answer.headers.get("X-Seq")) || this.seq;
        }
      } catch {
        // still away
      } finally {
        clearTimeout(late);
        this.show();
      }
      return undefined;
    }

    show() {
      const age = performance.now() - this.heard;
      const polled = this.polls && performance.now() - (this.answered || -1e9) < POLL + 6000;
      const state = age < STALE ? "live" : polled ? "poll" : age < OFFLINE ? "stale" : "off";
      if (state === this.state) return;
      this.state = state;
      this.place.dataset.state = state;
      for (const sign of document.querySelectorAll("[data-live-words]")) {
        const words = JSON.parse(sign.dataset.liveWords);
        sign.classList.toggle("is-live", state === "live");
        sign.classList.toggle("is-stale", state === "stale" || state === "poll");
        sign.classList.toggle("is-off", state === "off");
        sign.textContent = (words[state] || words.off).replace("{time}", this.clock);
      }
      this.tell("fairslice:state", { state });
    }
  }

  let lives = [];
  const start = () => {
    for (const live of lives.filter((one) => !one.place.isConnected)) live.retire();
    lives = lives.filter((one) => one.place.isConnected);
    for (const place of document.querySelectorAll("[data-live]")) {
      if (!place.live) lives.push(place.live = new Live(place));
    }
  };
  document.addEventListener("htmx:afterSettle", start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
