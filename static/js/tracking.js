/* The tracking page: the tab's title says how it stands, and comes first when the cake is ready. */
(() => {
  "use strict";
  const title = () => {
    const words = document.getElementById("track")?.dataset.title;
    if (words) document.title = words;
  };
  document.addEventListener("fairslice:region", title);
  document.addEventListener("DOMContentLoaded", title);
})();
