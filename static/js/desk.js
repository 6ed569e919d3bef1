/* The order desk by keyboard: find a cake by typing, Enter to the next field, Ctrl+Enter to read back.
 * A number chooses the size only while the cursor is on a cake or a size, and it is said what was chosen.
 */
(() => {
  "use strict";
  const WORDS = 2000;
  let letter = -WORDS;
  const desk = () => document.getElementById("desk");

  function find(input) {
    const wanted = input.value.trim().replace(/^[/／、]+/, "").trim().toLowerCase(); // the key that leads here finds nothing
    const tiles = [...document.querySelectorAll(`#${CSS.escape(input.dataset.find)} .d-cake`)];
    let first = null;
    for (const tile of tiles) {
      const fits = !wanted || wanted.split(/\s+/).every((word) => tile.dataset.words.includes(word));
      tile.hidden = !fits;
      tile.classList.remove("is-first");
      if (fits && !first && !tile.querySelector("input").disabled) first = tile;
    }
    const none = input.closest("[data-line]").querySelector("[data-nothing]");
    if (none) none.hidden = tiles.some((tile) => !tile.hidden);
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
    if (!target.matches?.(".d-cake input, [data-sizes] input")) return;
    if (/^\d$/.test(event.key)) {
      const size = target.closest("[data-line]").querySelectorAll("[data-sizes] input")[Number(event.key) - 1];
      const words = event.timeStamp - letter < WORDS; // "Happy 30th" was meant for another field
      if (size && !size.disabled && !words) {
        event.preventDefault();
        choose(size);
        const legend = size.closest("fieldset").querySelector("legend").textContent;
        window.fairslice.toast(`${legend}: ${size.closest("label").textContent.trim()}`, { seconds: 3 });
      }
    } else if (event.key.length === 1) letter = event.timeStamp;
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

  // On a phone the times stand before the allergies (office.css): the Tab key meets them there as well.
  const phone = matchMedia("(max-width: 899px)");
  function settle() {
    const times = document.getElementById("times");
    if (!times || !desk()) return;
    if (phone.matches) desk().querySelector(".d-more").before(times);
    else desk().querySelector("aside").prepend(times);
  }
  phone.addEventListener("change", settle);
  settle();
})();
