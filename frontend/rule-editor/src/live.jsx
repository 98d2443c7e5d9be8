import { useEffect, useRef, useState } from "preact/hooks";
import { useEditing } from "./controls.jsx";
import { askLive } from "./server.js";

const PAUSE = 250;

/** Ask for the count of `rule` a moment after it changed. The last question wins: older ones are broken off. */
export function useLive(addresses, rule, onFaults) {
  const [state, setState] = useState({ busy: false, since: 0, panel: "", failed: "", stale: false });
  const text = rule === undefined ? "" : JSON.stringify(rule);
  useEffect(() => {
    if (rule === undefined) return undefined;
    const stop = new AbortController();
    const later = setTimeout(async () => {
      setState((before) => ({ ...before, busy: true, since: Date.now(), failed: "", stale: true }));
      try {
        const told = await askLive(addresses, rule, stop.signal);
        onFaults(told.faults);
        setState((before) => ({ ...before, busy: false, panel: told.panel || before.panel, stale: told.count === null, unfinished: told.count === null }));
      } catch (error) {
        if (!stop.signal.aborted) setState((before) => ({ ...before, busy: false, failed: error.message, stale: true }));
      }
    }, PAUSE);
    return () => {
      clearTimeout(later);
      stop.abort();
    };
  }, [text]);
  return state;
}

export function LivePanel({ state }) {
  const { words } = useEditing();
  const [seconds, setSeconds] = useState(0);
  const shown = useRef(null);
  useEffect(() => {
    setSeconds(0);
    if (!state.busy) return undefined;
    const clock = setInterval(() => setSeconds(Math.floor((Date.now() - state.since) / 1000)), 500);
    return () => clearInterval(clock);
  }, [state.busy, state.since]);
  const slow = seconds >= 2 ? words("counting_long", seconds) : words("counting");
  const said = state.busy ? slow : state.failed ? words("not_counted") : state.unfinished ? words("unfinished") : "";
  return (
    <aside class={`re-live${state.stale ? " is-stale" : ""}`} aria-busy={state.busy ? "true" : "false"}>
      <p class={`re-status${state.failed ? " is-failed" : ""}`} role="status">{said}</p>
      <div ref={shown} class="re-panel" dangerouslySetInnerHTML={{ __html: state.panel }} />
    </aside>
  );
}
