import { Choice, Tokens, useEditing } from "./controls.jsx";
import { shapeOf, typed } from "./rule.js";

// More choices than these are searched instead of shown side by side.
const SIDE_BY_SIDE = 8;
const MODES = { integer: "numeric", decimal: "decimal" };
const isDay = (kind) => kind === "date" || kind === "moment";

/** The value of a clause, as its field's kind and its operator take it. */
export function Value({ clause, field, onValue }) {
  const { words } = useEditing();
  const shape = shapeOf(clause.operator);
  const { value } = clause;
  if (shape === "none") return null;
  if (shape === "pair") {
    const end = (place, label) => (
      <One kind={field.kind} value={value[place]} label={label} onValue={(said) => onValue(value.map((each, index) => (index === place ? said : each)))} />
    );
    return (
      <div class="re-pair">
        {end(0, words("lowest"))}
        <span>{words("and_end")}</span>
        {end(1, words("highest"))}
      </div>
    );
  }
  if (shape === "list") return <Several field={field} values={value} onValue={onValue} />;
  if (field.kind === "boolean") {
    const options = [["true", words("yes")], ["false", words("no")]];
    return <Choice value={String(value)} options={options} label={words("value")} role="value" onChoose={(said) => onValue(said === "true")} />;
  }
  if (field.kind === "key" && !field.of) {
    const options = value === "" ? [["", words("choose")], ...field.values] : field.values;
    return <Choice value={value} options={options} label={words("value")} role="value" onChoose={onValue} />;
  }
  if (field.of) {
    const only = (values) => onValue(values.at(-1) ?? "");
    return <Tokens values={value === "" ? [] : [value]} options={field.values} of={field.of} free={field.kind === "text"} label={words("value")} read={(text) => text} onValues={only} />;
  }
  return <One kind={field.kind} value={value} label={words("value")} onValue={onValue} />;
}

function One({ kind, value, label, onValue }) {
  return (
    <input
      class="re-control"
      type={isDay(kind) ? "date" : "text"}
      inputMode={MODES[kind]}
      value={String(value)}
      aria-label={label}
      data-role="value"
      autocomplete="off"
      onInput={(event) => onValue(typed(kind, event.target.value))}
    />
  );
}

function Several({ field, values, onValue }) {
  const { words } = useEditing();
  if (field.kind === "key" && !field.of && field.values.length <= SIDE_BY_SIDE) {
    return <SideBySide field={field} values={values} onValue={onValue} />;
  }
  return (
    <Tokens
      values={values}
      options={field.values}
      of={field.of}
      free={field.kind !== "key"}
      label={words("value")}
      read={(text) => typed(field.kind, text)}
      inputType={isDay(field.kind) ? "date" : "text"}
      inputMode={MODES[field.kind]}
      onValues={onValue}
    />
  );
}

/** A few known values as boxes to tick. One that is not known any more stays until it is unticked. */
function SideBySide({ field, values, onValue }) {
  const { words } = useEditing();
  const known = new Map(field.values);
  const strange = values.filter((each) => !known.has(each)).map((each) => [each, words("unknown", String(each))]);
  const tick = (value, on) => onValue(on ? [...values, value] : values.filter((each) => each !== value));
  return (
    <div class="re-ticks" role="group" aria-label={words("value")}>
      {[...field.values, ...strange].map(([value, told], place) => (
        <label class="re-tick" key={value}>
          <input type="checkbox" data-role={place ? undefined : "value"} checked={values.includes(value)} onChange={(event) => tick(value, event.target.checked)} />
          <span>{told}</span>
        </label>
      ))}
    </div>
  );
}
