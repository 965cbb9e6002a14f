"use strict";
// Everything works without this: it adds local times, and keeps pages of a ledger that is written to up to date.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.getTime())) time.title = `${time.dateTime} UTC · here ${local.format(moment)}`;
  }
}

// Nothing is taken from under somebody's fingers: neither what has the focus nor what is being marked to be copied.
function inUse(part) {
  const marked = getSelection();
  return part.contains(document.activeElement) || !marked.isCollapsed && part.contains(marked.anchorNode);
}

function follow(part) {
  const pause = 1500;
  let shown = null, busy = false, again = false;
  async function renew() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(part.id), foot = page.querySelector(".foot");
      const open = [...part.querySelectorAll("details")].map((one) => one.open);
      if (!fresh || inUse(part)) return;
      localise(fresh);
      part.replaceChildren(...fresh.childNodes);
      part.querySelectorAll("details").forEach((one, at) => { one.open = Boolean(open[at]); });
      if (foot) { localise(foot); document.querySelector(".foot").replaceChildren(...foot.childNodes); }
    } catch {
      // the console has gone, or is busy: the next news tries again
    } finally {
      await new Promise((done) => setTimeout(done, pause));
      busy = false;
      if (again) { again = false; renew(); }
    }
  }
  const news = new EventSource(part.dataset.live);
  news.addEventListener("head", (event) => {
    if (shown !== null && shown !== event.data) renew();
    shown = event.data;
  });
  addEventListener("pagehide", () => news.close());
}

localise(document);
const part = document.querySelector("[data-live]");
if (part) follow(part);
