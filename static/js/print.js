/* <button data-print> prints the page it is on; <body data-print> prints it as soon as it is there. */
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]:not(body)")) print();
  });
  addEventListener("load", () => {
    if (document.body.matches("[data-print]")) print();
  });
})();
