import { Button, Choice, Tokens, useEditing } from "./controls.jsx";
import { isKnown, pathText, typed, windowForm, withField, withOperator } from "./rule.js";
import { Value } from "./value.jsx";

/** One clause: react-querybuilder's `rule`. */
export function Clause({ rule, path }) {
  const editing = useEditing();
  const { words, fields, faults, act } = editing;
  const { clause, id } = rule;
  const field = fields.get(clause?.field);
  const place = words("clause", path.map((index) => index + 1).join("."));
  const wrong = faults[id] ?? [];
  const change = (next, from) => act.change(id, next, `${id} ${from}`);
  return (
    <div class={`re-clause${wrong.length ? " is-wrong" : ""}`} role="group" aria-label={place} aria-describedby={wrong.length ? `${id}-faults` : undefined} data-node={id} data-path={pathText(path)}>
      <div class="re-line">
        {isKnown(clause, field) ? <Known clause={clause} field={field} change={change} /> : <AsWritten clause={clause} change={change} />}
        <Moves id={id} path={path} />
      </div>
      {wrong.length ? (
        <ul class="re-faults" id={`${id}-faults`}>
          {wrong.map((fault) => (
            <li key={fault.path}>{clause?.field === "" ? words("choose_field") : fault.words}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function Known({ clause, field, change }) {
  const { words, groups, fields, operators } = useEditing();
  const choose = (name) => change(withField(clause, field, fields.get(name)), "field");
  const narrowable = field && (field.windowed || field.where.length > 0);
  return (
    <div class="re-says">
      <div class="re-first">
        <FieldChoice value={clause.field} groups={groups} label={words("field")} onChoose={choose} empty={words("choose_field")} />
        {field ? (
          <>
            <Choice className="re-operator" value={clause.operator} options={field.operators.map((each) => [each, operators[each]])} label={words("operator")} role="operator" onChoose={(operator) => change(withOperator(clause, operator), "operator")} />
            <div class="re-value">
              <Value clause={clause} field={field} onValue={(value) => change({ ...clause, value }, "value")} />
            </div>
          </>
        ) : null}
      </div>
      {narrowable ? (
        <div class="re-second">
          {field.windowed ? <Window clause={clause} change={change} /> : null}
          {field.where.length ? <Where clause={clause} field={field} change={change} /> : null}
        </div>
      ) : null}
    </div>
  );
}

function FieldChoice({ value, groups, label, onChoose, empty, unknown }) {
  return (
    <select class="re-control re-field" aria-label={label} data-role="field" value={unknown ? "" : value} onChange={(event) => event.target.value && onChoose(event.target.value)}>
      {value === "" || unknown ? <option value="">{unknown ?? empty}</option> : null}
      {groups.map((group) => (
        <optgroup key={group.label} label={group.label}>
          {group.fields.map((each) => (
            <option key={each.name} value={each.name}>{each.label}</option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

/** What the editor has no controls for is shown as it is written; another field may be chosen in its place. */
function AsWritten({ clause, change }) {
  const { words, groups, fields } = useEditing();
  const named = typeof clause?.field === "string" && clause.field ? clause.field : "?";
  return (
    <div class="re-says">
      <div class="re-first">
        <FieldChoice value={named} unknown={fields.has(named) ? fields.get(named).label : words("unknown", named)} groups={groups} label={words("field")} onChoose={(name) => change(withField({}, null, fields.get(name)), "field")} />
        <code class="re-written" aria-label={words("as_written")}>{JSON.stringify(clause)}</code>
      </div>
      <p class="re-hint">{words("kept")}</p>
    </div>
  );
}

function Window({ clause, change }) {
  const { words } = useEditing();
  const form = windowForm(clause.window);
  const { window, ...rest } = clause;
  const choose = (wanted) => {
    if (wanted === "ever") change(rest, "window");
    else change({ ...rest, window: wanted === "last_days" ? { last_days: 90 } : { from: daysAgo(90) } }, "window");
  };
  const day = (key) => (
    <input class="re-control re-day" type="date" value={window[key] ?? ""} aria-label={words(key)} onInput={(event) => change({ ...rest, window: withEnd(window, key, event.target.value) }, key)} />
  );
  return (
    <div class="re-window">
      <Choice value={form} options={["ever", "last_days", "dates"].map((each) => [each, words(each)])} label={words("time")} role="window" onChoose={choose} />
      {form === "last_days" ? (
        <>
          <input class="re-control re-days" type="text" inputMode="numeric" value={String(window.last_days)} aria-label={words("days")} data-role="days" autocomplete="off" onInput={(event) => change({ ...rest, window: { last_days: typed("integer", event.target.value) } }, "days")} />
          <span>{words("days")}</span>
        </>
      ) : null}
      {form === "dates" ? (
        <>
          {day("from")}
          <span>{words("to")}</span>
          {day("to")}
        </>
      ) : null}
    </div>
  );
}

function withEnd(window, key, day) {
  const { [key]: _, ...other } = window;
  const ends = day ? { ...other, [key]: day } : other;
  return { ...("from" in ends ? { from: ends.from } : {}), ...("to" in ends ? { to: ends.to } : {}) };
}

function daysAgo(days) {
  const day = new Date(Date.now() - days * 86400000);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}

function Where({ clause, field, change }) {
  const { words, act } = useEditing();
  const { where, ...rest } = clause;
  const chosen = Object.entries(where ?? {});
  const open = field.where.filter((each) => !(where && each.key in where));
  const put = (entries, from) => {
    const { window, ...head } = rest;
    const tail = window === undefined ? {} : { window };
    change({ ...head, ...(entries.length ? { where: Object.fromEntries(entries) } : {}), ...tail }, from);
  };
  return (
    <div class="re-where">
      {chosen.map(([key, values]) => {
        const { label, of } = field.where.find((each) => each.key === key);
        return (
          <div class="re-narrowing" key={key} data-key={key}>
            <span class="re-key">{label}</span>
            <Tokens values={values} options={[]} of={of} free label={label} read={(text) => text} onValues={(said) => put(chosen.map((each) => (each[0] === key ? [key, said] : each)), `where.${key}`)} />
            <Button icon="close" label={words("remove_narrowing", label)} onPress={() => put(chosen.filter((each) => each[0] !== key), "where")} />
          </div>
        );
      })}
      {open.length ? (
        <select
          class="re-control re-narrow"
          aria-label={words("narrow")}
          data-role="narrow"
          value=""
          onChange={(event) => {
            const key = event.target.value;
            if (!key) return;
            act.focusNext(`[data-key="${key}"] input`);
            put([...chosen, [key, []]], "where");
          }}
        >
          <option value="">{words("narrow")}</option>
          {open.map((each) => (
            <option key={each.key} value={each.key}>{each.label}</option>
          ))}
        </select>
      ) : null}
    </div>
  );
}

/** Moving, copying and removing, of a clause and of a group alike. */
export function Moves({ id, path, group }) {
  const { words, act, tree } = useEditing();
  const first = path.every((index) => index === 0) && path.length === 1;
  const last = path.length === 1 && path[0] === tree.rules.length - 1;
  return (
    <div class="re-moves">
      <Button icon="arrow_upward" label={words("up")} role="up" off={first} onPress={() => act.move(id, path, "up")} />
      <Button icon="arrow_downward" label={words("down")} role="down" off={last} onPress={() => act.move(id, path, "down")} />
      <Button icon="content_copy" label={words("copy")} role="copy" onPress={() => act.copy(path)} />
      <Button icon="delete" label={words(group ? "remove_group" : "remove")} role="remove" onPress={() => act.remove(path)} />
    </div>
  );
}
