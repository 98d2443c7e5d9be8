// Scanning in the page, where the browser can read barcodes. Without this, numbers are typed or the phone's own camera
// opens the page.
"use strict";

{
  const form = document.querySelector("[data-number]");
  const offer = form.querySelector("[data-scan]");
  const start = form.querySelector("[data-scan-start]");
  const view = form.querySelector("[data-scan-view]");
  const refused = form.querySelector("[data-scan-refused]");
  const video = view.querySelector("video");
  let stream = null;

  // The QR code of a voucher is the address of its page; of a coupon printed elsewhere it may be the bare code.
  const numberIn = (text) => {
    const here = new URL(form.action).pathname;
    try {
      const path = new URL(text).pathname;
      return path.startsWith(here) ? path.slice(here.length).replace(/\/$/, "") : null;
    } catch {
      return text;
    }
  };

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    view.hidden = true;
    start.hidden = false;
  };

  const look = async (detector) => {
    if (!stream) return;
    let numbers = [];
    try {
      numbers = (await detector.detect(video)).map((found) => numberIn(found.rawValue));
    } catch {
      // No picture yet.
    }
    const number = numbers.find(Boolean);
    if (!number) {
      setTimeout(look, 200, detector);
      return;
    }
    stop();
    form.elements.number.value = number;
    form.requestSubmit();
  };

  const scan = async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      refused.hidden = false;
      return;
    }
    start.hidden = true;
    view.hidden = false;
    video.srcObject = stream;
    video.play().catch(stop);
    look(new BarcodeDetector({ formats: ["qr_code", "code_128"] }));
  };

  if ("BarcodeDetector" in window && navigator.mediaDevices) {
    offer.hidden = false;
    start.addEventListener("click", scan);
    view.querySelector("[data-scan-stop]").addEventListener("click", stop);
    document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); });
  }
}
