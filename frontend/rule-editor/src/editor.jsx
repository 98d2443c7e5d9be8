import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { QueryBuilder, add, move, remove } from "react-querybuilder";
import { Clause } from "./clause.jsx";
import { Button, Editing } from "./controls.jsx";
import { Group } from "./group.jsx";
import { begun, changedTo, redone, undone } from "./history.js";
import { LivePanel, useLive } from "./live.jsx";
import { changed, faultsByNode, freshClause, groupNode, ruleOf, textOf, treeOf } from "./rule.js";

const CONTROLS = { rule: Clause, ruleGroup: Group };
// react-querybuilder is told of one field: what a clause is about is in the clause, which it carries along.
const FIELDS = [{ name: "", label: "" }];

function read(text) {
  try {
    const rule = JSON.parse(text);
    return { rule, tree: treeOf(rule) };
  } catch {
    return { rule: undefined, tree: null };
  }
}

export function Editor({ area, addresses, told }) {
  const start = useMemo(() => read(area.value), []);
  const [history, setHistory] = useState(() => begun(start.tree));
  const [written, setWritten] = useState({ rule: start.rule, shown: start.tree !== null });
  const [asJson, setAsJson] = useState(start.tree === null);
  const [faults, setFaults] = useState({});
  const [said, setSaid] = useState("");
  const root = useRef(null);
  const place = useRef(null);
  const focus = useRef("");
  const tree = history.present;
  const latest = useRef(tree);
  latest.current = tree;

  const words = (name, ...parts) => parts.reduce((text, part) => text.replace("%s", part), told.words[name] ?? name);
  const fields = useMemo(() => new Map(told.groups.flatMap((group) => group.fields).map((field) => [field.name, field])), [told]);

  const write = (next) => {
    area.value = textOf(next);
    area.dispatchEvent(new Event("change", { bubbles: true }));
    setWritten({ rule: ruleOf(next), shown: true });
  };
  const commit = (next, from = "") => {
    if (next === latest.current) return;
    latest.current = next;
    setHistory((before) => changedTo(before, next, from, Date.now()));
    write(next);
  };
  const travel = (step) => {
    const next = step(history);
    latest.current = next.present;
    setHistory(next);
    write(next.present);
    setSaid(words("undone"));
  };
  const at = (path) => path.reduce((node, index) => node.rules[index], latest.current);
  const focusNext = (selector) => {
    focus.current = selector;
  };
  const on = (id, role) => focusNext(`[data-node="${id}"] [data-role="${role}"]`);
  const insert = (node, path, id) => {
    on(id, "field");
    commit(add(latest.current, node, path));
    setSaid(words("added"));
  };
  const act = {
    focusNext,
    change: (id, clause, from) => commit(changed(latest.current, id, (node) => ({ ...node, clause })), from),
    join: (id, combinator, not) => commit(changed(latest.current, id, (node) => ({ ...node, combinator, not }))),
    add: (path) => {
      const fresh = freshClause();
      insert(fresh, path, fresh.id);
    },
    addGroup: (path, combinator) => {
      const fresh = freshClause();
      insert(groupNode(combinator === "and" ? "or" : "and", [fresh]), path, fresh.id);
    },
    copy: (path) => {
      const next = [...path.slice(0, -1), path.at(-1) + 1];
      const moved = move(latest.current, path, next, { clone: true });
      on(next.reduce((node, index) => node.rules[index], moved).id, "copy");
      commit(moved);
      setSaid(words("added"));
    },
    move: (id, path, way) => {
      on(id, way);
      commit(move(latest.current, path, way));
      setSaid(words("moved"));
    },
    remove: (path) => {
      const parent = at(path.slice(0, -1));
      const beside = parent.rules[path.at(-1) + 1] ?? parent.rules[path.at(-1) - 1];
      if (beside) on(beside.id, "remove");
      else on(parent.id, "add");
      commit(remove(latest.current, path));
      setSaid(words("removed"));
    },
  };

  useEffect(() => {
    if (!focus.current) return;
    root.current?.querySelector(focus.current)?.focus();
    focus.current = "";
  });
  useEffect(() => {
    place.current.append(area);
    const typing = () => {
      const { rule, tree: next } = read(area.value);
      setWritten({ rule, shown: next !== null });
      setFaults({});
      if (next) {
        latest.current = next;
        setHistory((before) => (before.present ? changedTo(before, next, "json", Date.now()) : begun(next)));
      }
    };
    area.addEventListener("input", typing);
    return () => area.removeEventListener("input", typing);
  }, []);

  const live = useLive(addresses, written.rule, (found) => {
    setFaults(latest.current ? faultsByNode(latest.current, found) : { "": found });
  });
  const ofJson = asJson ? Object.values(faults).flat() : [];
  const toggle = () => {
    if (asJson && !written.shown) return;
    setAsJson(!asJson);
    if (!asJson) setTimeout(() => area.focus());
  };
  const onKeyDown = (event) => {
    if (event.target === area) return;
    const command = (event.ctrlKey || event.metaKey) && event.key.toLowerCase();
    if (command === "z" || command === "y") {
      event.preventDefault();
      const forward = command === "y" || event.shiftKey;
      if (forward ? history.future.length : history.past.length) travel(forward ? redone : undone);
    } else if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault(); // the form is saved by its own buttons
    }
  };
  const editing = { words, fields, groups: told.groups, operators: told.operators, faults, act, tree, addresses };
  return (
    <Editing.Provider value={editing}>
      <div class="rule-editor" ref={root} onKeyDown={onKeyDown}>
        <div class="re-main">
          <div class="re-bar">
            <Button icon="undo" label={words("undo")} role="undo" off={asJson || !history.past.length} onPress={() => travel(undone)} />
            <Button icon="redo" label={words("redo")} role="redo" off={asJson || !history.future.length} onPress={() => travel(redone)} />
            <Button plain icon={asJson ? "account_tree" : "data_object"} label={words(asJson ? "edit_clauses" : "edit_json")} role="switch" off={asJson && !written.shown} onPress={toggle} />
          </div>
          {tree && !asJson ? (
            <QueryBuilder query={tree} fields={FIELDS} controlElements={CONTROLS} onQueryChange={NOTHING} enableMountQueryChange={false} />
          ) : null}
          <div class="re-json" hidden={!asJson}>
            {written.shown ? null : <p class="re-hint">{words(written.rule === undefined ? "not_json" : "not_shown")}</p>}
            <div ref={place} />
            {ofJson.length ? <ul class="re-faults">{ofJson.map((fault) => <li key={fault.path}><code>{fault.path}</code> {fault.words}</li>)}</ul> : null}
          </div>
          <p class="re-said" role="status">{said}</p>
        </div>
        <LivePanel state={live} />
      </div>
    </Editing.Provider>
  );
}

const NOTHING = () => {};
