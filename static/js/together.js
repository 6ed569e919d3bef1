/* Several people at one order.
 *
 *   <div data-look="/admin/orders/7/look">   tells that this page is open, and shows what comes back: who else is here.
 *                                            Said every eight seconds, at once when somebody begins to type or
 *                                            choose, never from a hidden page, and taken back when the page goes.
 *   "order-commented" on <body>              fires when somebody has written or done a comment (hx-trigger)
 */
(() => {
  "use strict";
  const EVERY = 8000;
  const KINDS = /^(order_commented|comment_settled)$/;

  function watch(place) {
    let told = "";
    const working = () => {
      const at = document.activeElement;
      return Boolean(document.querySelector("dialog[open]"))
        || Boolean(at?.closest("main") && at.matches("input:not([type=hidden]), textarea, select"));
    };
    const words = (more) => {
      const form = new FormData();
      form.set("csrf_token", document.querySelector('meta[name="csrf"]').content);
      for (const [name, value] of Object.entries(more)) form.set(name, value);
      return form;
    };
    async function tell() {
      if (!place.isConnected) place = document.querySelector("[data-look]") || place; // the page came anew around it
      if (document.visibilityState !== "visible") return;
      const now = working() ? "1" : "0";
      told = now;
      try {
        const answer = await fetch(place.dataset.look, { method: "POST", body: words({ working: now }), headers: { "HX-Request": "true" } });
        if (!answer.ok || answer.redirected) return;
        const html = await answer.text();
        if (place.innerHTML.trim() !== html.trim()) place.innerHTML = html;
      } catch { /* away: the sign of the live page says so */ }
    }
    const soon = () => setTimeout(() => (working() ? "1" : "0") !== told && tell(), 50);
    tell();
    setInterval(tell, EVERY);
    for (const what of ["focusin", "focusout", "click"]) document.addEventListener(what, soon);
    document.addEventListener("visibilitychange", () => tell());
    addEventListener("pagehide", () => navigator.sendBeacon(place.dataset.look, words({ leave: "1" })));
    addEventListener("pageshow", (event) => event.persisted && tell());
  }

  const again = () => window.htmx?.trigger(document.body, "order-commented");
  document.addEventListener("fairslice:events", (event) => {
    if (event.detail.events.some((one) => KINDS.test(one.kind))) again();
  });
  document.addEventListener("fairslice:region", (event) => event.target.id === "order-live" && again());
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-look]").forEach(watch));
})();
