/* Tells whether the shop's computer answers: <html data-network="fine|lost">, the event "fairslice:network"
 * with {ok}, and a banner. A room with a screen of its own for this puts <body data-network-own> and listens.
 * <body data-network-ask="/kiosk/here" data-network-out="/kiosk/"> asks a door of its own: a screen that it no longer
 * lets in goes dark at once and leaves for where it is told why.
 */
(() => {
  "use strict";
  const EVERY = 5000;
  const WHEN_LOST = 1000;
  const PATIENCE = 3000;
  let ok = true;
  let misses = 0;
  let timer = 0;

  function banner() {
    const old = document.getElementById("network");
    if (ok || document.body.hasAttribute("data-network-own")) {
      old?.remove();
      return;
    }
    if (old) return;
    const box = document.createElement("div");
    box.id = "network";
    box.className = "banner banner-bad";
    box.setAttribute("role", "alert");
    box.textContent = window.fairslice?.word?.("lost", "") || "The connection is lost. Nothing you entered is gone.";
    document.body.prepend(box);
  }

  function tell(now) {
    if (now === ok) return;
    ok = now;
    document.documentElement.dataset.network = ok ? "fine" : "lost";
    banner();
    document.dispatchEvent(new CustomEvent("fairslice:network", { detail: { ok } }));
  }

  function out() {
    document.body.replaceChildren();
    location.replace(document.body.dataset.networkOut);
  }

  async function check() {
    clearTimeout(timer);
    const { networkAsk } = document.body.dataset;
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), PATIENCE);
    let fine = false;
    try {
      const credentials = networkAsk ? "same-origin" : "omit";
      const answer = await fetch(networkAsk || "/healthz", {
        cache: "no-store", credentials, redirect: "manual", signal: stop.signal,
      });
      if (networkAsk && (answer.type === "opaqueredirect" || [401, 403].includes(answer.status))) return out();
      fine = answer.ok;
    } catch {
      fine = false;
    }
    clearTimeout(late);
    misses = fine ? 0 : misses + 1;
    if (fine) tell(true);
    else if (misses >= 2 || !navigator.onLine) tell(false);
    timer = setTimeout(look, misses ? WHEN_LOST : EVERY);
    return undefined;
  }

  function look() {
    if (document.visibilityState === "hidden") timer = setTimeout(look, EVERY);
    else check();
  }

  addEventListener("offline", () => {
    misses = 2;
    tell(false);
    clearTimeout(timer);
    timer = setTimeout(check, WHEN_LOST);
  });
  addEventListener("online", check);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
  document.documentElement.dataset.network = "fine";
  timer = setTimeout(look, EVERY);
  window.fairslice = Object.assign(window.fairslice || {}, { checkNetwork: check });
})();
