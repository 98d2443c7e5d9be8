// The JSON of a rule as the tree that react-querybuilder shows, and back. A clause is carried whole, so that what the
// editor does not know of it comes back as it was written.

const ORDER = ["field", "operator", "value", "where", "window"];
const GROUP_KEYS = new Set(["version", "combinator", "not", "rules"]);
export const DEEPEST = 10;

let last = 0;
const newId = () => `n${++last}`;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isGroup = (node) => isObject(node) && ("rules" in node || "combinator" in node);

export const clauseNode = (clause) => ({ id: newId(), field: "", operator: "", value: "", clause });
export const groupNode = (combinator, rules) => ({ id: newId(), combinator, not: false, rules });
export const freshClause = () => clauseNode({ field: "", operator: "", value: "" });

/** Return the tree, or null for JSON that has no such form: it stays JSON. */
export function treeOf(rule) {
  return isObject(rule) && rule.version === 1 && isGroup(rule) ? groupOf(rule, 1) : null;
}

function groupOf(group, depth) {
  const known = Object.keys(group).every((key) => GROUP_KEYS.has(key) && (key !== "version" || depth === 1));
  const joined = group.combinator === "and" || group.combinator === "or";
  const turned = group.not === undefined || typeof group.not === "boolean";
  if (!known || !joined || !turned || !Array.isArray(group.rules) || depth > DEEPEST) return null;
  const rules = group.rules.map((each) => (isGroup(each) ? groupOf(each, depth + 1) : clauseNode(each)));
  return rules.includes(null) ? null : { ...groupNode(group.combinator, rules), not: group.not === true };
}

/** Return the rule that the tree says. */
export function ruleOf(tree) {
  return { version: 1, ...jsonOf(tree) };
}

function jsonOf(node) {
  if (!node.rules) return inOrder(node.clause);
  const turned = node.not ? { not: true } : {};
  return { combinator: node.combinator, ...turned, rules: node.rules.map(jsonOf) };
}

function inOrder(clause) {
  if (!isObject(clause)) return clause;
  const rest = Object.keys(clause).filter((key) => !ORDER.includes(key));
  return Object.fromEntries([...ORDER.filter((key) => key in clause), ...rest].map((key) => [key, clause[key]]));
}

export const textOf = (tree) => JSON.stringify(ruleOf(tree), null, 2);

/** Return the node with this id in the tree, changed. */
export function changed(node, id, change) {
  if (node.id === id) return change(node);
  return node.rules ? { ...node, rules: node.rules.map((each) => changed(each, id, change)) } : node;
}

/** Return the path of a place in the tree as the server spells it: rules[2].rules[0]. */
export const pathText = (path) => path.map((index) => `rules[${index}]`).join(".");

/** Return the faults by the id of the node that each belongs to. */
export function faultsByNode(tree, faults) {
  const found = {};
  for (const fault of faults) {
    let node = tree;
    for (const [, index] of fault.path.matchAll(/(?:^|\.)rules\[(\d+)\]/g)) {
      if (node.rules?.[index]) node = node.rules[index];
    }
    (found[node.id] ??= []).push(fault);
  }
  return found;
}

export function shapeOf(operator) {
  if (operator === "is_null" || operator === "is_not_null") return "none";
  if (operator === "in" || operator === "not_in") return "list";
  return operator === "between" || operator === "not_between" ? "pair" : "one";
}

/** Return the clause with another operator: what was typed stays, as far as the new one takes it. */
export function withOperator(clause, operator) {
  const { value, ...rest } = clause;
  const had = (Array.isArray(value) ? value : [value]).filter((each) => each !== undefined && each !== "");
  const shape = shapeOf(operator);
  if (shape === "none") return { ...rest, operator };
  if (shape === "list") return { ...rest, operator, value: had };
  if (shape === "pair") return { ...rest, operator, value: [had[0] ?? "", had[1] ?? ""] };
  return { ...rest, operator, value: had[0] ?? "" };
}

const PREFERRED = { key: "in", integer: ">=", decimal: ">=", date: ">=", moment: ">=", text: "=", boolean: "=" };

/** Return the clause about another field: value, narrowing and window stay where that field takes them. */
export function withField(clause, before, field) {
  const alike = before?.kind === field.kind && field.kind !== "key" && !field.of && !before.of;
  const operator = alike && field.operators.includes(clause.operator) ? clause.operator : preferred(field);
  const keys = new Set(field.where.map((each) => each.key));
  const where = Object.entries(isObject(clause.where) ? clause.where : {}).filter(([key]) => keys.has(key));
  return {
    ...withOperator({ field: field.name, ...(alike ? { value: clause.value } : {}) }, operator),
    ...(field.kind === "boolean" && shapeOf(operator) === "one" ? { value: true } : {}),
    ...(where.length ? { where: Object.fromEntries(where) } : {}),
    ...(field.windowed && clause.window ? { window: clause.window } : {}),
  };
}

const preferred = (field) =>
  field.operators.includes(PREFERRED[field.kind]) ? PREFERRED[field.kind] : field.operators[0];

/** Return what was typed as the value of this kind. What is no such value stays text, and the server names the fault. */
export function typed(kind, text) {
  const whole = kind === "integer" && /^\s*-?\d{1,15}\s*$/.test(text);
  return whole ? Number(text) : kind === "decimal" || kind === "integer" ? text.trim() : text;
}

/** Return the form of a window: "ever", "last_days", "dates", or "unknown". */
export function windowForm(window) {
  if (window === undefined) return "ever";
  const keys = isObject(window) ? Object.keys(window) : ["?"];
  if (keys.length === 1 && keys[0] === "last_days") return "last_days";
  return keys.every((key) => key === "from" || key === "to") ? "dates" : "unknown";
}

/** Tell whether the editor has controls for all of the clause. */
export function isKnown(clause, field) {
  if (!isObject(clause) || Object.keys(clause).some((key) => !ORDER.includes(key))) return false;
  if (clause.field === "") return true;
  if (!field || !field.operators.includes(clause.operator)) return false;
  const plain = (value) => !isObject(value) && value !== null && !Array.isArray(value);
  const { value } = clause;
  const shape = shapeOf(clause.operator);
  const fits = {
    none: value === undefined || value === null,
    one: plain(value),
    list: Array.isArray(value) && value.every(plain),
    pair: Array.isArray(value) && value.length === 2 && value.every(plain),
  }[shape];
  const where = clause.where === undefined || (isObject(clause.where) && Object.entries(clause.where).every(
    ([key, values]) => field.where.some((each) => each.key === key) && Array.isArray(values) && values.every((each) => typeof each === "string"),
  ));
  return fits && where && windowForm(clause.window) !== "unknown" && (field.windowed || clause.window === undefined);
}
