// Within WeChat: the card that a friend sees when this page is sent on. It comes after the page, and the page does
// without it.
//
// The signature is of the address under which the page was loaded. (iOS keeps to that address, Android goes by the one
// shown; they differ only where scripts change it, which none of ours does.)
"use strict";

{
  const { sdk, signature, title, desc, link, picture: imgUrl } = document.currentScript.dataset;
  const NEW = ["updateAppMessageShareData", "updateTimelineShareData"];
  const OLD = ["onMenuShareAppMessage", "onMenuShareTimeline"];

  const run = (src) => new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src, onload: done, onerror: failed });
    document.head.append(script);
  });

  const signed = async (tries) => {
    const answer = await fetch(`${signature}?url=${encodeURIComponent(location.href.split("#")[0])}`);
    if (answer.ok) return answer.json();
    if (answer.status !== 503 || tries === 0) throw new Error("no signature");
    await new Promise((done) => { setTimeout(done, 1000 * answer.headers.get("Retry-After")); });
    return signed(tries - 1);
  };

  const share = ([toFriend, toCircle]) => {
    wx[toFriend]({ title, desc, link, imgUrl });
    wx[toCircle]({ title, link, imgUrl });
    document.querySelectorAll("[data-wechat-shares]").forEach((hint) => { hint.classList.add("wechat-ready"); });
  };

  const begin = async () => {
    const [config] = await Promise.all([signed(2), run(sdk)]);
    wx.config({ ...config, jsApiList: [...NEW, ...OLD] });
    wx.ready(() => wx.checkJsApi({
      jsApiList: NEW,
      success: ({ checkResult }) => share(NEW.every((name) => checkResult[name]) ? NEW : OLD),
      fail: () => share(OLD),
    }));
  };

  addEventListener("load", () => {
    (window.requestIdleCallback ?? setTimeout)(() => { begin().catch(() => { /* The page does without. */ }); });
  });
}
