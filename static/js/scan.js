/* A scanner that types: a cake's code (or the address in its square) and Enter, from any screen of the team.
 *
 *   <body data-scan="/c/">     where a code leads to
 *   <input data-scan-field>    takes what is typed into it, as its own form says
 *
 * A scanner types faster than a person. What goes into a field stays there: a form loses nothing.
 */
(() => {
  "use strict";
  const GAP = 120; // longest pause between two signs of a scanner, in milliseconds
  const CODE = /^(?:https?:\/\/[^\s?#]+\/c\/)?([0-9A-Za-z]{12})\/?$/;
  const WRITES = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable]";
  let typed = "";
  let last = 0;

  document.addEventListener("keydown", (event) => {
    const to = document.body.dataset.scan;
    if (!to || event.isComposing || event.target.closest?.(WRITES)) return;
    if (event.timeStamp - last > GAP) typed = "";
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      typed += event.key;
      last = event.timeStamp;
      return;
    }
    if (event.key !== "Enter" && event.key !== "Tab") return; // Shift comes between the signs
    const code = CODE.exec(typed.trim())?.[1];
    typed = "";
    if (!code) return;
    event.preventDefault(); // the button that has the focus is not meant
    event.stopImmediatePropagation();
    location.assign(to + code.toUpperCase());
  }, true);
})();
