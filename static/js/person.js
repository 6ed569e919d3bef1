/* Who taps stays chosen from one scanned cake to the next, for ten minutes after the last tap, in this tab.
 *
 *   <main data-person-stays> ... <input type="radio" name="person" value="7">
 */
(() => {
  "use strict";
  const STAYS = 10 * 60 * 1000;
  const place = document.querySelector("[data-person-stays]");
  const names = [...(place?.querySelectorAll('input[type="radio"][name="person"]') || [])];
  if (!names.length) return;
  const keep = (id) => sessionStorage.setItem("person", JSON.stringify({ id, at: Date.now() }));
  const kept = JSON.parse(sessionStorage.getItem("person") || "null");
  if (kept && Date.now() - kept.at < STAYS) for (const name of names) name.checked = name.value === kept.id;
  const chosen = () => names.find((name) => name.checked)?.value;
  place.addEventListener("change", (event) => names.includes(event.target) && keep(event.target.value));
  place.addEventListener("submit", () => chosen() && keep(chosen()));
})();
