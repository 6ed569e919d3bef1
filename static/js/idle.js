/* When nobody is there any more: a warning, then the screen forgets.
 *
 *   <main data-idle="90" data-warn="30" data-code="ABC123"> seconds of quiet, seconds of warning, the draft's code
 * A screen without data-idle waits for ever (attract, an open payment). Any pointer, key, input or scroll is life.
 */
(() => {
  "use strict";
  const BEAT = 500;
  const FALLS = 400; // milliseconds in which a click may still belong to the warning that has just closed
  const LIFE = ["pointerdown", "pointermove", "keydown", "input", "wheel", "scroll", "touchstart"];
  let last = Date.now();
  let leaving = false;
  let warned = false;
  let closed = 0;

  const dialog = () => document.getElementById("idle");
  const screen = () => document.querySelector("#screen[data-idle]");

  // A press only counts; the warning closes with its click or at the next beat, so that no tap falls through it.
  function alive(event) {
    if (leaving) return;
    last = Date.now();
    if (warned && !event.type.startsWith("touch") && !(event.type.startsWith("pointer") && event.buttons)) calm();
  }

  function calm() {
    warned = false;
    last = closed = Date.now();
    dialog().close();
    document.getElementById("idle-code").hidden = true;
    document.querySelector("#idle-code .code").textContent = "";
  }

  function warn(left) {
    document.getElementById("idle-left").textContent = left;
    if (warned) return;
    warned = true;
    window.fairslice?.save?.(); // what stands in the fields can be gone on with later
    const code = screen().dataset.code;
    document.getElementById("idle-code").hidden = !code;
    document.querySelector("#idle-code .code").textContent = code || "";
    dialog().showModal();
    dialog().querySelector("[data-here]").focus();
  }

  async function leave() {
    if (leaving) return;
    leaving = true;
    dialog().close();
    document.querySelector("#idle-code .code").textContent = "";
    document.getElementById("screen").replaceChildren(); // at once, whatever the network does
    document.querySelector(".toasts")?.replaceChildren();
    await goodbye();
  }

  async function goodbye() {
    const form = document.getElementById("leave");
    try {
      await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", keepalive: true });
      sessionStorage.clear();
      location.replace("/kiosk/");
    } catch {
      setTimeout(goodbye, 2000);
    }
  }

  function look() {
    const here = screen();
    if (!here || leaving) {
      last = Date.now();
      if (warned) calm();
      return;
    }
    const quiet = (Date.now() - last) / 1000;
    const idle = Number(here.dataset.idle);
    const wait = Number(here.dataset.warn);
    if (warned && quiet < idle) calm();
    if (quiet >= idle + wait) leave();
    else if (wait && quiet >= idle) warn(Math.ceil(idle + wait - quiet));
  }

  for (const name of LIFE) {
    document.addEventListener(name, (event) => {
      if (!event.target.closest?.("#idle [data-leave]")) alive(event);
    }, { capture: true, passive: true });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#idle [data-leave]")) leave();
    else if (warned) calm();
    else if (Date.now() - closed > FALLS) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "leave") return;
    event.preventDefault();
    leave();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "screen" && !event.detail.elt?.matches?.("[data-poll]")) last = Date.now();
  });
  setInterval(look, BEAT);
})();
