/* Counting a drawer: <form data-counting data-symbol="¥"> adds up what was counted, never what should be there.
 *
 *   data-count-question="..."   what is asked before it is sent, once something is written down
 *   <input data-worth="10000">  how many of this piece; Enter leads to the next, the arrows count up and down
 *   <button data-step="1">      one more or less of the piece it stands with
 */
(() => {
  "use strict";
  const field = (element) => element.closest("[data-counting]") && element.matches("[data-worth]");
  const plain = (text) => text.replace(/[０-９]/g, (c) => "0123456789"["０１２３４５６７８９".indexOf(c)]).trim();
  const many = (input) => (/^\d{1,4}$/.test(plain(input.value)) ? Number(plain(input.value)) : 0);

  function add(form) {
    const money = (amount) => form.dataset.symbol + (amount / 100).toLocaleString("en", { minimumFractionDigits: amount % 100 ? 2 : 0 });
    let sum = 0;
    let written = false;
    for (const input of form.querySelectorAll("[data-worth]")) {
      const here = many(input) * Number(input.dataset.worth);
      input.closest("div").querySelector("[data-piece-sum]").textContent = here ? money(here) : "";
      sum += here;
      written ||= Boolean(input.value.trim());
    }
    form.querySelector("[data-count-sum]").textContent = written ? money(sum) : "–";
    form.dataset.confirm = written ? form.dataset.countQuestion : ""; // an empty form is refused, not asked about
  }

  function step(input, by) {
    input.value = String(Math.min(9999, Math.max(0, many(input) + by)));
    add(input.form);
  }

  document.addEventListener("input", (event) => field(event.target) && add(event.target.form));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-counting] [data-step]");
    if (button) step(button.closest("div").querySelector("[data-worth]"), Number(button.dataset.step));
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches || !field(event.target)) return;
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (up) {
      event.preventDefault();
      step(event.target, up);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const all = [...event.target.form.querySelectorAll("[data-worth]")];
      const next = all[all.indexOf(event.target) + 1] || event.target.form.querySelector("[data-count-done]");
      next.focus();
      next.select?.();
    }
  });
  document.querySelectorAll("form[data-counting]").forEach(add); // what was typed stands there after going back
})();
