/* Opens the courier's pages while there is no network: what was shown last. No kept page has an address on it,
 * because those come only as the answer to a tap, and taps are never kept here. */
"use strict";
const KEPT = "courier-1";
const ASSETS = ["ASSETS"];
const PAGE = /^\/courier\/(?:$|day$|drop\/\d+$)/;
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll([...ASSETS, "/courier/"])).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});
self.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(caches.delete(KEPT));
});

async function page(request) {
  const kept = await caches.open(KEPT);
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(request, { signal: stop.signal });
    if (answer.ok && !answer.redirected) await kept.put(request.url, answer.clone());
    return answer;
  } catch {
    return (await kept.match(request.url)) || (await kept.match("/courier/")) || Response.error();
  } finally {
    clearTimeout(late);
  }
}

async function asset(request) {
  const kept = await caches.open(KEPT);
  const there = await kept.match(request);
  if (there) return there;
  const answer = await fetch(request);
  if (answer.ok) await kept.put(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (event.request.mode === "navigate" && PAGE.test(address.pathname)) event.respondWith(page(event.request));
  else if (address.pathname.startsWith("/assets/courier")) event.respondWith(asset(event.request));
});
