/* The order desk by keyboard: find a cake by typing, sizes by number, Enter to the next field, Ctrl+Enter to read back. */
(() => {
  "use strict";
  const desk = () => document.getElementById("desk");

  function find(input) {
    const wanted = input.value.trim().toLowerCase();
    const tiles = [...document.querySelectorAll(`#${CSS.escape(input.dataset.find)} .d-cake`)];
    let first = null;
    for (const tile of tiles) {
      const fits = !wanted || wanted.split(/\s+/).every((word) => tile.dataset.words.includes(word));
      tile.hidden = !fits;
      tile.classList.remove("is-first");
      if (fits && !first && !tile.querySelector("input").disabled) first = tile;
    }
    if (wanted && first) first.classList.add("is-first");
    return first;
  }

  function choose(radio) {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }

  const fields = () => [...desk().querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox], :disabled), select")].filter((f) => f.offsetParent);

  document.addEventListener("input", (event) => event.target.matches?.("[data-find]") && find(event.target));

  document.addEventListener("keydown", (event) => {
    const form = desk();
    if (!form || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      document.getElementById("go-on").click(); // a click, because htmx sends the name of the button that was pressed
      return;
    }
    if (event.altKey && event.code === "KeyN") {
      event.preventDefault();
      document.querySelector(".d-add")?.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (event.key === "Enter" && target.matches?.("[data-find]")) {
      event.preventDefault();
      const first = find(target);
      if (first && target.value.trim()) {
        target.value = "";
        find(target);
        const line = target.closest("[data-line]").dataset.line;
        choose(first.querySelector("input"));
        form.dataset.goTo = `ins-${line}`;
      }
      return;
    }
    if (event.key === "Enter" && form.contains(target) && target.matches("input, select")) {
      event.preventDefault();
      const all = fields();
      const next = target.matches("[type=radio], [type=checkbox]")
        ? all.find((f) => target.compareDocumentPosition(f) & Node.DOCUMENT_POSITION_FOLLOWING)
        : all[all.indexOf(target) + 1];
      (next || document.getElementById("go-on")).focus();
      if (next?.matches("input")) next.select();
      return;
    }
    const free = !target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select");
    if (free && /^[1-9]$/.test(event.key)) {
      const line = target.closest?.("[data-line]") || [...document.querySelectorAll("[data-line]")].at(-1);
      const size = line?.querySelectorAll("[data-sizes] input")[Number(event.key) - 1];
      if (size && !size.disabled) {
        event.preventDefault();
        choose(size);
      }
    }
  });

  /* A chosen cake folds its tiles away; the sizes are next, by number. */
  new MutationObserver(() => {
    const form = desk();
    if (!form?.dataset.goTo) return;
    const line = document.getElementById(form.dataset.goTo)?.closest("[data-line]");
    const size = line?.querySelector("[data-sizes] input:checked");
    if (!size) return;
    delete form.dataset.goTo;
    size.focus();
  }).observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener("DOMContentLoaded", () => {
    const form = desk();
    if (form && document.activeElement === document.body && matchMedia("(pointer: fine)").matches) form.querySelector("[data-find]")?.focus();
  });
})();
