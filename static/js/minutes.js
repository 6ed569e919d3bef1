/* The clock, and the minutes on the cards: the server's time, running on between its words, also without a line.
 *
 *   <body data-now="..." data-speed="1" data-zone="Asia/Shanghai">   <time data-clock>
 *   <form id="tap" data-minute-words='{"left": "{n} min left", ...}'>
 *   <article data-card data-limit="..." data-still="..." data-over="..." data-running data-chance="62">   see shop/production/slack.py: the same rule
 *     <span class="state" data-minutes>  <small data-doing>
 *
 * Says "fairslice:aged" when a card has become something else by time alone.
 */
(() => {
  "use strict";
  const MINUTE = 60000;
  const AT_RISK = 10;
  const START_NOW = 30;
  const STATES = ["late", "risk", "now", "notyet"];
  const body = document.body;
  const speed = Number(body.dataset.speed || 1);
  const clockWords = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: body.dataset.zone });
  let told = Date.parse(body.dataset.now);
  let toldAt = performance.now();
  const now = () => told + (performance.now() - toldAt) * speed;

  function tick() {
    const text = clockWords.format(new Date(now()));
    for (const clock of document.querySelectorAll("[data-clock]")) if (clock.textContent !== text) clock.textContent = text;
  }

  function slackOf(card, at) {
    const still = card.dataset.still ? Date.parse(card.dataset.still) : at;
    return Math.floor((Date.parse(card.dataset.limit) - Math.max(at, still)) / MINUTE);
  }

  /* By how many minutes started work is over its own time, from data-over on; 0 before that. */
  function overOf(card, at) {
    if (!card.dataset.over || at < Date.parse(card.dataset.over)) return 0;
    return Math.floor((at - Date.parse(card.dataset.still)) / MINUTE);
  }

  function stateOf(slack, running, risky) {
    if (slack < 0) return "late";
    if (slack <= AT_RISK || risky) return "risk";
    return running || slack <= START_NOW ? "now" : "notyet";
  }

  function say(words, slack, over) {
    const side = slack < 0 ? "late" : over ? "over" : "left";
    const minutes = side === "over" ? over : Math.abs(slack);
    if (minutes < 60) return words[side].replace("{n}", minutes);
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    const sentence = rest ? words[`hours_${side}`] : words[`hour_${side}`];
    return sentence.replace("{h}", hours).replace("{m}", String(rest).padStart(2, "0"));
  }

  function age() {
    const told = document.getElementById("tap")?.dataset.minuteWords;
    if (!told) return;
    const words = JSON.parse(told);
    const at = now();
    let changed = false;
    for (const card of document.querySelectorAll("[data-limit]")) {
      const slack = slackOf(card, at);
      const over = overOf(card, at);
      const state = stateOf(slack, "running" in card.dataset, over || "chance" in card.dataset);
      const sign = card.querySelector("[data-minutes]");
      const text = say(words, slack, over);
      if (sign.textContent !== text) sign.textContent = text;
      if (card.dataset.state === state) continue;
      changed = true;
      card.dataset.state = state;
      for (const one of [card, sign]) {
        one.classList.remove(...STATES);
        one.classList.add(state);
      }
      const doing = card.querySelector("[data-doing]");
      if (doing) doing.textContent = words[`is_${state}`];
    }
    if (changed) document.dispatchEvent(new CustomEvent("fairslice:aged"));
  }

  document.addEventListener("fairslice:now", (event) => {
    told = Date.parse(event.detail.now);
    toldAt = performance.now();
  });
  document.addEventListener("fairslice:region", () => {
    tick();
    age();
  });
  setInterval(tick, 500);
  setInterval(age, 1000);
  tick();
})();
