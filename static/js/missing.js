/* What a browser would say about a field in its own language and its own bubble, said in the page's words beside it.
 *
 *   <input required>, minlength, min, max, type="number"  in a .field, a fieldset or a label: nothing else is needed
 *   <meta name="words" data-missing="Please fill in: {field}" data-choose="..." data-short="..." data-check="...">
 */
(() => {
  "use strict";
  const MARK = "missing";
  let first = null;

  const place = (field) => (field.type === "radio" ? field.closest("fieldset") : field.closest(".field, .check, label, fieldset"));

  function name(field, box) {
    const legend = field.type === "radio" ? box.querySelector("legend") : null;
    const label = legend || field.labels?.[0];
    return (label?.querySelector("span:not(.visually-hidden)") || label || box).textContent.trim().replace(/\s+/g, " ");
  }

  function sentence(field, box) {
    const state = field.validity;
    const what = state.valueMissing ? (field.matches("select, [type=radio], [type=checkbox]") ? "choose" : "missing")
      : state.tooShort ? "short" : "check";
    const words = window.fairslice.word(what, "{field}");
    return words.replace("{field}", name(field, box)).replace("{n}", field.minLength);
  }

  function forget(field) {
    const box = place(field);
    box?.querySelector(`:scope > .error[data-${MARK}]`)?.remove();
    field.removeAttribute("aria-invalid");
  }

  document.addEventListener("invalid", (event) => {
    const field = event.target;
    const box = place(field);
    if (!box || !window.fairslice?.word("missing", "")) return; // nowhere to say it: the browser does
    event.preventDefault();
    if (!box.querySelector(`:scope > .error[data-${MARK}]`)) {
      const line = document.createElement("p");
      line.className = "error";
      line.dataset[MARK] = "";
      line.setAttribute("role", "alert");
      line.textContent = sentence(field, box);
      box.append(line);
    }
    field.setAttribute("aria-invalid", "true");
    if (first) return;
    first = field; // of all that this submit names
    setTimeout(() => {
      const shut = first.closest("details:not([open])");
      if (shut) shut.open = true;
      first.focus({ preventScroll: true });
      place(first)?.scrollIntoView({ block: "center" });
      first = null;
    });
  }, true);

  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const field = event.target;
      if (!field.matches?.("[aria-invalid]") && field.type !== "radio") return;
      if (place(field)?.querySelector(`:scope > .error[data-${MARK}]`)) {
        for (const one of field.type === "radio" ? place(field).querySelectorAll("[type=radio]") : [field]) forget(one);
      }
    });
  }
})();
