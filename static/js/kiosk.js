/* The kiosk's own behaviours: steppers, keypads, choices that need a larger cake, allergies that a cake
 * contains, what is kept when the language changes, the network-lost screen with its retry, and a closed frame (no menu, no drag, no way out).
 *
 *   <div data-stepper> buttons [data-by] change the number field inside
 *   <div data-keypad="id"> buttons [data-key] type into the field
 *   <input data-min-inch="10"> is only for cakes of that size and up
 *   <form data-stay> comes back to this screen: what was typed into a form[data-save] is kept first
 *   <form data-retry> is asked again with its same key until the shop answers
 *   <p data-left="1187"> counts seconds down
 *   <button data-call> says in its own place that somebody is coming (HX-Trigger: {"called": "We are coming"})
 */
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const changed = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

  // Steppers and keypads
  document.addEventListener("click", (event) => {
    const step = event.target.closest?.("[data-by]");
    if (step) {
      const field = step.closest("[data-stepper]").querySelector("input");
      const value = Number(field.value || 0) + Number(step.dataset.by);
      field.value = Math.min(Number(field.max), Math.max(Number(field.min), value));
      changed(field);
    }
    const key = event.target.closest?.("[data-keypad] [data-key]");
    if (key) {
      const field = $(key.closest("[data-keypad]").dataset.keypad);
      const what = key.dataset.key;
      if (what === "clear") field.value = "";
      else if (what === "back") field.value = field.value.slice(0, -1);
      else if (field.value.length < field.maxLength) field.value += what;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  // What was refused and is put right no longer says that it is wrong.
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches("[data-stepper] [aria-invalid]")) return;
    field.removeAttribute("aria-invalid");
    $(field.getAttribute("aria-describedby"))?.remove();
  });

  // Before htmx asks for the new price: an answer that needs a larger cake gives way to the usual one.
  document.addEventListener("change", (event) => {
    if (event.target.name !== "inch") return;
    const form = event.target.form;
    for (const answer of form.querySelectorAll("[data-min-inch]")) {
      answer.disabled = Number(answer.dataset.minInch) > Number(event.target.value);
      if (answer.disabled && answer.checked) form.querySelector(`[name="${answer.name}"]:enabled`).checked = true;
    }
  }, true);

  // Somebody is allergic: the cakes that contain it say so at once.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-allergy]")) return;
    for (const alarm of document.querySelectorAll(`[data-alarm="${CSS.escape(event.target.value)}"]`)) {
      alarm.hidden = !event.target.checked;
    }
  });

  // Staff were called: the button itself says so for a while, and nothing is covered.
  let coming = 0;
  document.addEventListener("called", (event) => {
    const button = document.querySelector("[data-call]");
    const words = button.querySelector("span");
    words.dataset.words ||= words.textContent;
    words.textContent = event.detail.value;
    button.classList.add("is-called");
    clearTimeout(coming);
    coming = setTimeout(() => {
      words.textContent = words.dataset.words;
      button.classList.remove("is-called");
    }, 8000);
  });

  // Language and look: come back to where the customer is, with what they have typed.
  const savable = () => document.querySelector("#screen form[data-save]");
  async function save() {
    const form = savable();
    if (!form) return;
    try {
      await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    } catch { /* what could not be saved stays on the screen */ }
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-stay]") || form.dataset.saved) return;
    form.elements.namedItem("back").value = location.pathname + location.search;
    if (!savable()) return; // nothing was typed here: the form goes its own way
    event.preventDefault();
    const submitter = event.submitter;
    save().then(() => setTimeout(() => { // a form that is just being submitted ignores a second request
      form.dataset.saved = "1";
      form.requestSubmit(submitter);
      delete form.dataset.saved;
    }));
    window.fairslice?.release?.(form);
  });

  // The network: a screen of its own; what was asked is asked again until there is an answer.
  const AGAIN = 2000;
  let asking = null;
  let timer = 0;
  function lost(order) {
    $("lost").hidden = false;
    document.querySelector('[data-lost="look"]').hidden = order;
    document.querySelector('[data-lost="order"]').hidden = !order;
  }
  function again() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const element = asking;
      if (!element || !element.isConnected) return found();
      if (element.matches("form")) {
        window.fairslice?.release?.(element);
        element.requestSubmit(element.querySelector("[data-asked]") || undefined);
      } else if (element.matches("a")) element.click();
      else changed(element); // what a choice changes: the picture, the time and the price
    }, AGAIN);
  }
  function found() {
    clearTimeout(timer);
    asking = null;
    $("lost").hidden = true;
  }
  function unanswered(event) {
    const element = event.detail.requestConfig?.elt || event.detail.elt;
    if (element.matches("[data-poll]")) return lost(false); // asks again by itself
    asking = element;
    lost(element.matches("[data-retry]"));
    again();
  }
  // The way back from a chosen cake leads to that cake, not to one more of it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const place = event.detail.requestConfig.elt.matches?.("#choice") && event.detail.xhr.status < 400
      && event.detail.requestConfig.elt.elements.namedItem("line").value;
    if (place) history.replaceState(history.state, "", `${location.pathname}?line=${place}`);
  });
  document.addEventListener("submit", (event) => {
    for (const old of event.target.querySelectorAll("[data-asked]")) delete old.dataset.asked;
    if (event.submitter) event.submitter.dataset.asked = "1";
  }, true);
  document.addEventListener("htmx:sendError", unanswered);
  document.addEventListener("htmx:timeout", unanswered);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status < 500) return;
    event.detail.shouldSwap = false; // the shop cannot save right now: ask again
    unanswered(event);
  });
  document.addEventListener("htmx:afterSwap", found);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && (!asking || asking === event.detail.elt)) found();
  });
  document.addEventListener("fairslice:network", (event) => {
    if (!event.detail.ok) lost(Boolean(asking?.matches("[data-retry]")));
    else if (asking) again();
    else found();
  });

  // Each new screen starts at its top and says its name; one that refuses a field starts there.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "screen") return;
    const title = $("screen").querySelector("h1");
    const refused = $("screen").querySelector("[aria-invalid][autofocus]");
    if (refused) refused.focus();
    else if (title && !title.closest("[data-poll]")) {
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
    }
  });

  setInterval(() => {
    for (const clock of document.querySelectorAll("[data-left]")) {
      const left = Math.max(0, Number(clock.dataset.left) - 1);
      clock.dataset.left = left;
      clock.textContent = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
    }
  }, 1000);

  // Nothing of a former screen comes out of the browser's memory, and nothing leads out of the kiosk.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  for (const name of ["contextmenu", "dragstart", "drop"]) {
    document.addEventListener(name, (event) => event.preventDefault());
  }
  window.fairslice = Object.assign(window.fairslice || {}, { save });
})();
