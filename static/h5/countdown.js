// Turns each <time data-countdown> into what is left, by the server's clock.
"use strict";

{
  const two = (number) => String(number).padStart(2, "0");

  const start = (time) => {
    const skew = Date.parse(time.dataset.now) - Date.now();
    const end = Date.parse(time.dateTime);
    const show = () => {
      const left = Math.floor((end - Date.now() - skew) / 1000);
      if (left <= 0) {
        location.reload();
        return;
      }
      const days = Math.floor(left / 86400);
      const clock = [Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60].map(two).join(":");
      time.textContent = days ? `${days} ${time.dataset.days} ${clock}` : clock;
      setTimeout(show, 1000);
    };
    // Over before the page was made: its own words say so.
    if (end > Date.now() + skew) show();
  };

  document.querySelectorAll("time[data-countdown]").forEach(start);
}
