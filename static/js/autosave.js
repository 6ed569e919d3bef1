/* A form that saves itself: a second after the last key, at once after a choice.
 *
 *   <form data-autosave="/admin/desk">    the answer holds parts, each takes the place of the element with its id
 *   <input data-redraw>                   this choice changes what the form asks: its lines come new
 *   <button data-part name=add value=1>   sends its name along instead of leaving the page
 *
 * One save at a time; a lost answer is asked for again with the same key, so that nothing is done twice.
 */
(() => {
  "use strict";
  const AFTER_TYPING = 1000;
  const AFTER_CHOICE = 120;
  const TRY_AGAIN = 2000;

  class Autosave {
    constructor(form) {
      this.form = form;
      this.address = form.dataset.autosave;
      this.dirty = false;
      form.addEventListener("input", (event) => this.soon(event));
      form.addEventListener("change", (event) => this.soon(event));
      form.addEventListener("click", (event) => this.part(event));
      form.addEventListener("submit", () => this.stop());
      form.addEventListener("htmx:afterRequest", (event) => event.target === form && !(event.detail.xhr?.status >= 200 && event.detail.xhr.status < 400) && this.go_on());
      addEventListener("pageshow", (event) => event.persisted && this.go_on());
      document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.now());
    }

    body(extra = {}) {
      const data = new URLSearchParams(new FormData(this.form));
      data.delete("key");
      data.delete("csrf_token");
      for (const [name, value] of Object.entries(extra)) data.set(name, value);
      return data;
    }

    soon(event) {
      if (!event.target.name) return; // a field that is not part of the order
      const choice = event.target.matches("input[type=radio], input[type=checkbox], select, input[type=date], input[type=number]");
      if (event.target.matches("[data-redraw]")) this.redraw = true;
      this.dirty = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.now(), choice ? AFTER_CHOICE : AFTER_TYPING);
    }

    /* Sent off for good: a save that comes later must not undo it. */
    stop() {
      this.leaving = true;
      clearTimeout(this.timer);
      this.flight?.abort();
    }

    go_on() {
      this.leaving = false;
      this.dirty = true;
    }

    part(event) {
      const button = event.target.closest?.("button[data-part]");
      if (!button) return;
      event.preventDefault();
      this.now({ [button.name]: button.value });
    }

    async now(extra = {}) {
      clearTimeout(this.timer);
      if (this.leaving) return;
      if (!this.dirty && !Object.keys(extra).length) return;
      if (this.running) {
        this.more = { ...this.more, ...extra };
        this.waiting = true;
        return;
      }
      if (this.redraw) extra.redraw = "1";
      const body = this.body(extra);
      this.running = true;
      this.dirty = this.redraw = false;
      const key = this.key && this.keyFor === body.toString() ? this.key : window.fairslice.newKey();
      this.key = key;
      this.keyFor = body.toString();
      try {
        this.flight = new AbortController();
        const answer = await fetch(this.address, {
          method: "POST", body, signal: this.flight.signal, keepalive: document.visibilityState === "hidden",
          headers: { "X-Autosave": "1", "HX-Request": "true", "X-CSRFToken": window.fairslice.csrf(), "Idempotency-Key": key },
        });
        if (answer.status === 401) location.reload();
        const html = await answer.text();
        if (answer.ok) this.put(html, Boolean(extra.add));
        else this.trouble(html);
      } catch {
        this.form.dataset.unsaved = "1";
        this.dirty = true;
        this.timer = setTimeout(() => this.now(extra), TRY_AGAIN);
      } finally {
        this.running = false;
      }
      if (this.waiting) {
        this.waiting = false;
        const later = this.more || {};
        this.more = {};
        this.now(later);
      }
    }

    put(html, added) {
      delete this.form.dataset.unsaved;
      const trouble = document.getElementById("trouble");
      if (trouble) trouble.hidden = true;
      const box = document.createElement("template");
      box.innerHTML = html;
      const active = document.activeElement;
      const focus = active?.id ? `#${CSS.escape(active.id)}` : active?.name && active.type === "radio" ? `[name="${CSS.escape(active.name)}"][value="${CSS.escape(active.value)}"]` : "";
      const caret = active?.selectionStart;
      for (const part of [...box.content.firstElementChild.children]) {
        const old = part.id && document.getElementById(part.id);
        if (!old) continue;
        if (part.id === "lines" && this.dirty) this.redraw = true; // something was typed meanwhile: the next answer
        else if (part.matches("input")) old.value = part.value;
        else if (part.id !== "times" || !old.contains(active) || active.name === "clock" || active.name === "day") old.replaceWith(part);
        if (part.id === "draft" && part.value) this.address_bar(part.value);
      }
      if (added) document.querySelector(".d-line:last-of-type .d-search")?.focus();
      else if (focus && !document.activeElement?.matches?.(focus)) {
        const again = document.querySelector(focus);
        again?.focus({ preventScroll: true });
        if (caret != null && again?.setSelectionRange && /text|search|tel/.test(again.type)) again.setSelectionRange(caret, caret);
      }
      window.fairslice.countAll?.(this.form);
      window.htmx?.process(this.form);
    }

    address_bar(code) {
      history.replaceState(null, "", `${this.address}?draft=${code}`);
    }

    trouble(html) {
      const old = document.getElementById("trouble");
      const box = document.createElement("template");
      box.innerHTML = html;
      const fresh = box.content.querySelector("#trouble");
      if (old && fresh) old.replaceWith(fresh);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-autosave]")) form.autosave = new Autosave(form);
  });
})();
