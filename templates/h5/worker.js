// The service worker of the pages below /h5/ (config/offline_pages.py). It keeps what is the same for everyone, and
// answers a page that does not come for want of a network. No page of a member's is ever kept.
"use strict";

const { offline, kept, files, version } = {{ parts }};
const CACHE = `h5-${version}`;
// A name with its content's hash never changes what it stands for.
const HASHED = /\.[0-9a-f]{12}\.[a-z0-9]+$/;
const MOST = 60;

self.addEventListener("install", (event) => {
  const asked = kept.map((address) => new Request(address, { credentials: "omit", cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(asked)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("h5-") && name !== CACHE).map((name) => caches.delete(name)));
    // The page is asked for while the worker wakes up.
    await self.registration.navigationPreload?.enable();
  };
  event.waitUntil(tidy());
});

const page = async (event) => {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    // A form that did not get through: back is the page it is on, which this is not the address of.
    if (event.request.method !== "GET") return Response.redirect(offline, 303);
    return (await caches.match(offline, { cacheName: CACHE })) || Response.error();
  }
};

const file = async (event) => {
  const cache = await caches.open(CACHE);
  const { pathname } = new URL(event.request.url);
  const known = await cache.match(event.request);
  if (HASHED.test(pathname) && known) return known;
  try {
    const answer = await fetch(event.request);
    if (HASHED.test(pathname) && answer.status === 200) {
      await cache.put(event.request, answer.clone());
      const held = (await cache.keys()).filter(({ url }) => !kept.includes(new URL(url).pathname));
      await Promise.all(held.slice(0, Math.max(0, held.length - MOST)).map((old) => cache.delete(old)));
    }
    return answer;
  } catch (error) {
    if (known) return known;
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") {
    // Pictures that are handed in go their own way: not every browser lets a worker pass them on whole.
    const sent = request.headers.get("Content-Type") || "";
    if (!sent.startsWith("multipart/")) event.respondWith(page(event));
    return;
  }
  const address = new URL(request.url);
  const ours = address.origin === self.location.origin && address.pathname.startsWith(files);
  // Films are asked for in pieces.
  if (request.method === "GET" && ours && !request.headers.has("Range")) event.respondWith(file(event));
});
