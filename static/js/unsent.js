/* What is typed in a form and not sent yet stays, when the page around it comes anew.
 *
 * After a conflict the office's page comes anew in its place (#screen); an order's deeds come anew when something
 * happened to it (data-actions). Only the form that was sent is filled by the server, so what stands in the others
 * is put back here. A settings form keeps what it was opened with (its field "stood"): saved later, it is still told
 * what somebody else has changed. A password is never put back.
 */
(() => {
  "use strict";
  const PLACES = "#screen, [data-actions]";
  const OWN = ["key", "csrf_token", "stood"]; // different in every copy of the same form
  let kept = [];
  let refused = "";

  const fields = (form) => [...form.elements].filter((one) => one.name && !/^(hidden|password|file|submit|button|reset)$/.test(one.type));
  const changed = (one) =>
    one.matches("[type=checkbox], [type=radio]") ? one.checked !== one.defaultChecked
      : one.matches("select") ? one.selectedIndex !== Math.max(0, [...one.options].findIndex((o) => o.defaultSelected))
        : one.value !== one.defaultValue;
  const fixed = (form) =>
    [...form.elements].filter((one) => one.type === "hidden" && !OWN.includes(one.name)).map((one) => `${one.name}=${one.defaultValue}`);
  const which = (form) => [form.getAttribute("action"), ...fixed(form)].join("\n");

  function keep(place, sent) {
    refused = sent ? which(sent) : "";
    kept = [...place.querySelectorAll('form[method="post"]')].filter((form) => form !== sent).map((form) => ({
      form: which(form),
      refused: form.dataset.refused,
      stood: form.elements.namedItem("stood")?.value,
      typed: fields(form).filter((one) => form.dataset.refused || changed(one)).map(({ name, type, value, checked }) => ({ name, type, value, checked })),
    })).filter((one) => one.typed.length);
  }

  const ticked = (type) => type === "checkbox" || type === "radio";
  function put(form, { stood, typed }) {
    for (const { name, type, value, checked } of typed) {
      const one = fields(form).find((f) => f.name === name && f.type === type && (!ticked(type) || f.value === value));
      if (!one) continue; // it is not asked for any more
      if (ticked(type)) one.checked = checked;
      else if (type !== "select-one" || [...one.options].some((o) => o.value === value)) one.value = value;
      one.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const basis = form.elements.namedItem("stood");
    if (basis && stood) basis.value = stood;
    for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, shouldSwap } = event.detail;
    if (shouldSwap && target?.matches?.(PLACES)) keep(target, requestConfig?.elt?.closest?.("form"));
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!kept.length && !refused) return;
    for (const form of document.querySelectorAll('form[method="post"]')) {
      const was = kept.find((one) => one.form === which(form));
      if (was) put(form, was);
      if (was?.refused || which(form) === refused) form.dataset.refused = "1"; // filled by the server: all of it is typed
    }
    kept = [];
    refused = "";
  });
})();
