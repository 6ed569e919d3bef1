/* Forms of every room: one submit at a time, a fresh token, a question before what cannot be undone, toasts.
 *
 *   <form method="post" data-confirm="Cancel the order?" data-confirm-yes="Cancel it">   asks in a dialog first
 *       "{amount}" in the question stands for what the field of that name says
 *   <button data-open="remake-7"> opens <dialog id="remake-7">; <button data-close> closes the dialog it is in
 *   <select data-submit> submits its form when it changes
 *   <p data-toast hidden>Saved</p> shows as a toast; so does the event "toast" (HX-Trigger: {"toast": "Saved"})
 *   <meta name="csrf" content="..."> is sent with htmx requests and fills forms that came without a token
 */
(() => {
  "use strict";
  const meta = (name) => document.querySelector(`meta[name="${name}"]`);
  const csrf = () => meta("csrf")?.content || "";
  const word = (name, otherwise) => meta("words")?.dataset[name] || otherwise;
  const newKey = () =>
    crypto.randomUUID ? crypto.randomUUID().replaceAll("-", "")
      : [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  const RELEASE_AFTER = 8000; // a lost answer must not lock a form for ever; the key makes a second try harmless

  function hold(form, button) {
    form.dataset.busy = "1";
    form.setAttribute("aria-busy", "true");
    if (button) button.setAttribute("aria-busy", "true"); // not `disabled`: its name and value must be sent
    setTimeout(() => release(form), RELEASE_AFTER);
  }

  function release(form) {
    delete form.dataset.busy;
    form.removeAttribute("aria-busy");
    for (const button of form.elements) button.removeAttribute("aria-busy");
  }

  function prepare(form) {
    const token = form.elements.namedItem("csrf_token");
    if (token && !token.value) token.value = csrf();
    const key = form.elements.namedItem("key");
    if (key && !key.value) key.value = newKey();
  }

  function ask(sentence, yes, no) {
    const box = document.createElement("dialog");
    box.className = "dialog";
    const text = document.createElement("h2");
    text.id = "ask";
    text.textContent = sentence;
    box.setAttribute("aria-labelledby", "ask");
    const actions = document.createElement("div");
    actions.className = "actions";
    const back = document.createElement("button");
    back.type = "button";
    back.className = "btn";
    back.textContent = no || word("back", "Go back");
    const go = document.createElement("button");
    go.type = "button";
    go.className = "btn btn-danger";
    go.textContent = yes || word("yes", "Yes");
    actions.append(back, go);
    box.append(text, actions);
    document.body.append(box);
    return new Promise((answer) => {
      const done = (value) => {
        box.close();
        box.remove();
        answer(value);
      };
      back.addEventListener("click", () => done(false));
      go.addEventListener("click", () => done(true));
      box.addEventListener("cancel", (event) => {
        event.preventDefault();
        done(false);
      });
      box.showModal();
      back.focus();
    });
  }

  const asks = (form, button) => (button?.dataset.confirm ? button : form.dataset.confirm ? form : null);
  // What a question names is what was typed, so that it is read once more.
  function said(form, name) {
    const field = form.elements.namedItem(name);
    return (field?.selectedOptions?.[0]?.text || field?.value || "").trim() || "–";
  }
  const filled = (form, sentence) => sentence.replace(/\{([\w.]+)\}/g, (_, name) => said(form, name));
  const byHtmx = (form, button) =>
    window.htmx && [form, button].some((one) => one?.matches?.("[hx-post],[hx-put],[hx-delete],[hx-patch]"));

  // Capture: before htmx and before the room's own scripts.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if ((button?.formMethod || form.method) === "dialog") return;
    if (form.dataset.busy) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const question = form.dataset.sure ? null : asks(form, button);
    delete form.dataset.sure;
    if (question) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const label = question.dataset.confirmYes || button?.textContent.trim();
      ask(filled(form, question.dataset.confirm), label, question.dataset.confirmNo).then((yes) => {
        if (!yes) return;
        form.dataset.sure = "1";
        form.requestSubmit(button);
      });
      return;
    }
    if (form.method === "get") return;
    prepare(form);
    if (!byHtmx(form, button) && !form.hasAttribute("data-tap")) hold(form, button);
  }, true);

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal?.();
    const closer = event.target.closest?.("[data-close]");
    if (closer) closer.closest("dialog")?.close();
    if (event.target.matches?.("dialog.dialog") && event.target.open) {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right
        && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside && event.detail) event.target.close(); // a tap beside the dialog
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-submit]")) event.target.form?.requestSubmit();
  });

  addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(release));

  function toast(text, { seconds = 6, kind = "", action = null } = {}) {
    let shelf = document.querySelector(".toasts");
    if (!shelf) {
      shelf = document.createElement("div");
      shelf.className = "toasts";
      shelf.setAttribute("aria-live", "polite");
      document.body.append(shelf);
    }
    const slice = document.createElement("div");
    slice.className = kind ? `toast toast-${kind}` : "toast";
    slice.append(text);
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn";
      button.textContent = action.label;
      button.addEventListener("click", () => {
        slice.remove();
        action.run();
      });
      slice.append(button);
    }
    shelf.append(slice);
    setTimeout(() => slice.remove(), seconds * 1000);
    return slice;
  }

  const shown = new WeakSet();
  function showToasts(root) {
    for (const note of root.querySelectorAll?.("[data-toast]") || []) {
      if (shown.has(note)) continue;
      shown.add(note);
      toast(note.textContent.trim());
    }
  }

  document.addEventListener("toast", (event) => toast(event.detail?.value ?? event.detail));
  document.addEventListener("DOMContentLoaded", () => showToasts(document));

  if (window.htmx) {
    // allowEval and the indicator's inline style would break the strict policy.
    Object.assign(window.htmx.config, {
      allowEval: false, allowScriptTags: false, selfRequestsOnly: true, includeIndicatorStyles: false, historyCacheSize: 0,
      attributesToSettle: ["class", "width", "height"], // a style carried over would be an inline style
    });
    document.addEventListener("htmx:configRequest", (event) => {
      if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrf();
    });
    document.addEventListener("htmx:confirm", (event) => {
      const form = event.target.closest?.("form");
      if (form && form.dataset.busy) {
        event.preventDefault();
        return;
      }
      if (event.target.matches?.("form")) return; // asked at submit
      const sentence = event.target.dataset?.confirm;
      if (!sentence) return;
      event.preventDefault();
      ask(sentence, event.target.dataset.confirmYes).then((yes) => yes && event.detail.issueRequest(true));
    });
    document.addEventListener("htmx:beforeRequest", (event) => {
      const form = event.target.closest?.("form");
      if (form && event.detail.requestConfig?.verb !== "get") hold(form, event.detail.requestConfig?.triggeringEvent?.submitter);
    });
    document.addEventListener("htmx:afterRequest", (event) => {
      const form = event.target.closest?.("form");
      if (form) release(form);
    });
    // An error that comes with words is shown where it belongs (#trouble).
    document.addEventListener("htmx:beforeOnLoad", (event) => {
      if (event.detail.xhr.getResponseHeader("HX-Retarget") !== "#trouble" || document.getElementById("trouble")) return;
      const place = document.createElement("div");
      place.id = "trouble";
      (document.querySelector("main") || document.body).prepend(place);
    });
    document.addEventListener("htmx:beforeSwap", (event) => {
      const answer = event.detail.xhr;
      if (answer.status >= 400 && answer.getResponseHeader("HX-Retarget")) {
        event.detail.shouldSwap = true;
        event.detail.isError = false;
      }
    });
    document.addEventListener("htmx:afterSettle", (event) => showToasts(event.target));
    document.addEventListener("htmx:sendError", () => document.body.hasAttribute("data-network-own") || toast(word("lost", "No connection. Nothing was lost."), { kind: "bad" }));
  }

  window.fairslice = Object.assign(window.fairslice || {}, { toast, ask, csrf, newKey, word, hold, release });
})();
