// Turns each <time data-countdown> into what is left, by the server's clock. It says aloud when little is left: at the
// seconds that the page has words for (data-say-60="One minute left"). At the end it asks whether anybody minds
// ("qm:over"), and if nobody does the page is loaded again: something has opened, or closed.
"use strict";

{
  const two = (number) => String(number).padStart(2, "0");
  const said = (time, left) => time.getAttribute(`data-say-${left}`);

  // When the server's time was the present here: as the page began to come, not when on a slow network its scripts ran.
  const begun = performance.getEntriesByType?.("navigation")[0]?.responseStart;
  const came = begun ? performance.timeOrigin + begun : Date.now();

  const start = (time, at) => {
    time.dataset.counting = "";
    const skew = Date.parse(time.dataset.now) - at;
    const end = Date.parse(time.dateTime);
    const aloud = time.parentElement.querySelector("[aria-live]");
    const show = () => {
      if (!time.isConnected) return;
      const left = Math.floor((end - Date.now() - skew) / 1000);
      if (left <= 0) {
        time.textContent = "00:00:00";
        if (time.dispatchEvent(new CustomEvent("qm:over", { bubbles: true, cancelable: true }))) location.reload();
        return;
      }
      const days = Math.floor(left / 86400);
      const clock = [Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60].map(two).join(":");
      time.textContent = days ? `${days} ${time.dataset.days} ${clock}` : clock;
      time.classList.toggle("countdown-soon", aloud !== null && left <= 10);
      if (aloud && said(time, left)) aloud.textContent = said(time, left);
      setTimeout(show, 1000);
    };
    // Over before the page was made: its own words say so.
    if (end > Date.now() + skew) show();
  };

  const startAll = (at) => {
    document.querySelectorAll("time[data-countdown]:not([data-counting])").forEach((time) => start(time, at));
  };

  startAll(came);
  document.addEventListener("htmx:afterSettle", () => startAll(Date.now()));
}
