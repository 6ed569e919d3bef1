/* A page that asks again by itself until something has changed: <main data-again="/address"> is replaced by the
   answer's own main; 204 means nothing new; an answer from elsewhere is where the page goes. */
(() => {
  const EVERY = 1500;
  const look = async () => {
    const main = document.querySelector("main[data-again]");
    if (!main) return;
    try {
      const answer = await fetch(main.dataset.again, { headers: { Accept: "text/html" } });
      if (answer.redirected) return location.replace(answer.url);
      if (answer.status === 200) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("main");
        if (fresh) main.replaceWith(document.adoptNode(fresh));
      }
    } catch {
      /* no network: the next look comes by itself */
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
})();
