import { createContext } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { askValues } from "./server.js";

/** What every part of the editor is given: words, fields by name, and how to change the tree. */
export const Editing = createContext(null);
export const useEditing = () => useContext(Editing);

export function Icon({ name }) {
  return <span class="material-symbols-outlined" aria-hidden="true">{name}</span>;
}

/** A button that keeps the focus when it has nothing to do. */
export function Button({ icon, label, off, onPress, role, plain, ...rest }) {
  const press = (event) => {
    event.preventDefault();
    if (!off) onPress();
  };
  const named = plain ? {} : { "aria-label": label, title: label };
  return (
    <button type="button" class={plain ? "re-button" : "re-icon"} aria-disabled={off ? "true" : undefined} data-role={role} onClick={press} {...named} {...rest}>
      <Icon name={icon} />
      {plain ? <span>{label}</span> : null}
    </button>
  );
}

export function Choice({ value, options, label, onChoose, role, className = "" }) {
  const known = options.some(([each]) => each === value);
  return (
    <select class={`re-control ${className}`} aria-label={label} data-role={role} value={value} onChange={(event) => onChoose(event.target.value)}>
      {known ? null : <option value={value}>{value}</option>}
      {options.map(([each, words]) => (
        <option key={each} value={each}>{words}</option>
      ))}
    </select>
  );
}

const SEPARATORS = /[,，、;；\n\t]+/;

/** Values as chips, with a box that suggests more. `options` are known ones; `of` names what the server knows. */
export function Tokens({ values, options, of, label, read, shown = String, free, inputType = "text", inputMode, onValues }) {
  const { words, addresses } = useEditing();
  const [text, setText] = useState("");
  const [found, setFound] = useState([]);
  const [at, setAt] = useState(-1);
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  const list = useId();
  const named = new Map([...options, ...found]);

  useEffect(() => {
    if (!of || !open) return undefined;
    let wanted = true;
    const later = setTimeout(() => {
      askValues(addresses, of, text).then((told) => wanted && setFound(told), () => {});
    }, 120);
    return () => {
      wanted = false;
      clearTimeout(later);
    };
  }, [of, text, open]);

  const matching = (of && found.length ? found : options.filter(([value, told]) => [value, told].some((each) => String(each).toLowerCase().includes(text.trim().toLowerCase()))))
    .filter(([value]) => !values.includes(value));
  const add = (fresh) => {
    const more = fresh.filter((each, place) => each !== "" && !values.includes(each) && fresh.indexOf(each) === place);
    if (more.length) onValues([...values, ...more]);
    setText("");
    setAt(-1);
  };
  const byName = (each) => options.find(([value, told]) => told === each || String(value) === each)?.[0] ?? read(each);
  const addTyped = () => add(text.split(SEPARATORS).map((each) => each.trim()).filter(Boolean).map(byName));
  const remove = (value) => {
    onValues(values.filter((each) => each !== value));
    box.current?.focus();
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt(matching.length ? (at + step + matching.length) % matching.length : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (at >= 0 && matching[at]) add([matching[at][0]]);
      else addTyped();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      setOpen(false);
    } else if (event.key === "Backspace" && !text && values.length) {
      onValues(values.slice(0, -1));
    }
  };
  const onInput = (event) => {
    const said = event.target.value;
    setOpen(true);
    setAt(-1);
    if (inputType === "text" && SEPARATORS.test(said)) add(said.split(SEPARATORS).map((each) => each.trim()).filter(Boolean).map(byName));
    else setText(said);
  };
  const onBlur = () => {
    setOpen(false);
    if (text && (free || options.some(([value, told]) => told === text.trim() || value === text.trim()))) addTyped();
  };
  const listed = open && (matching.length > 0 || (text && (of || options.length)));
  return (
    <div class="re-tokens">
      {values.map((value) => (
        <span class="re-token" key={String(value)}>
          {named.get(value) ?? shown(value)}
          <button type="button" class="re-token-remove" aria-label={words("remove_value", named.get(value) ?? shown(value))} onClick={() => remove(value)}>
            <Icon name="close" />
          </button>
        </span>
      ))}
      <input
        ref={box}
        class="re-token-input"
        type={inputType}
        inputMode={inputMode}
        value={text}
        aria-label={label}
        placeholder={values.length ? "" : words("add_value")}
        data-role="value"
        autocomplete="off"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={listed ? "true" : "false"}
        aria-controls={list}
        aria-activedescendant={at >= 0 ? `${list}-${at}` : undefined}
        onInput={onInput}
        onKeyDown={onKeyDown}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onBlur={onBlur}
      />
      <ul id={list} class="re-list" role="listbox" aria-label={words("suggestions")} hidden={!listed}>
        {matching.map(([value, told], place) => (
          <li
            key={value}
            id={`${list}-${place}`}
            role="option"
            aria-selected={place === at ? "true" : "false"}
            class={place === at ? "is-at" : ""}
            onMouseDown={(event) => {
              event.preventDefault();
              add([value]);
            }}
          >
            {told}
            {told === String(value) ? null : <small>{value}</small>}
          </li>
        ))}
        {matching.length ? null : <li class="re-nothing">{words("nothing_found")}</li>}
      </ul>
    </div>
  );
}
