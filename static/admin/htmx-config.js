// htmx would add a style element, which the policy of /admin/ forbids: theme.css has those rules.
htmx.config.includeIndicatorStyles = false;
// A request that is given up is no failure: a newer one takes its place, or its page is left. htmx calls both an error
// and writes two lines into the console; it writes none where `error` is empty. What fails otherwise still does so.
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const givenUp = detail.xhr.onabort;
  detail.xhr.onabort = (event) => {
    detail.error = "";
    givenUp.call(detail.xhr, event);
  };
});
