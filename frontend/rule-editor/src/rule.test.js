import assert from "node:assert/strict";
import { test } from "node:test";
import { begun, changedTo, redone, undone } from "./history.js";
import { changed, faultsByNode, isKnown, ruleOf, treeOf, typed, withField, withOperator } from "./rule.js";

const COUNT = { name: "orders.count", kind: "integer", operators: [">=", "in", "between", "is_null"], where: [{ key: "category" }], windowed: true, values: [] };
const LEVEL = { name: "level", kind: "key", operators: ["=", "in"], where: [], windowed: false, values: [["gold", "Gold"]] };

const RULE = {
  version: 1,
  combinator: "and",
  not: true,
  rules: [
    { field: "orders.count", operator: ">=", value: 3, where: { category: ["milk"] }, window: { last_days: 90 } },
    { combinator: "or", rules: [{ field: "shoe.size", operator: "~", value: { eu: 42 }, odd: [1] }, "no clause at all"] },
  ],
};

test("a rule comes back as it was, with what the editor does not know", () => {
  assert.deepEqual(ruleOf(treeOf(RULE)), RULE);
});

test("JSON that is no rule has no tree", () => {
  for (const json of [null, [], 1, {}, { ...RULE, version: 2 }, { ...RULE, extra: 1 }, { ...RULE, combinator: "xor" }, { ...RULE, rules: {} }, { ...RULE, not: 1 }]) {
    assert.equal(treeOf(json), null);
  }
  const inside = { version: 1, combinator: "and", rules: [{ combinator: "or", rules: [], version: 1 }] };
  assert.equal(treeOf(inside), null);
});

test("a clause's keys are written in reading order", () => {
  const tree = treeOf({ version: 1, combinator: "and", rules: [{ window: {}, value: 1, operator: "=", field: "x", odd: 1 }] });
  assert.deepEqual(Object.keys(ruleOf(tree).rules[0]), ["field", "operator", "value", "window", "odd"]);
});

test("a fault belongs to the deepest clause on its path", () => {
  const tree = treeOf(RULE);
  const found = faultsByNode(tree, [{ path: "rules[1].rules[0].value" }, { path: "rules[0].window.last_days" }, { path: "version" }]);
  assert.deepEqual(Object.keys(found).sort(), [tree.rules[1].rules[0].id, tree.rules[0].id, tree.id].sort());
});

test("what was typed stays when the operator changes, as far as it is taken", () => {
  const clause = { field: "orders.count", operator: ">=", value: 3, window: { last_days: 9 } };
  assert.deepEqual(withOperator(clause, "in").value, [3]);
  assert.deepEqual(withOperator(clause, "between").value, [3, ""]);
  assert.equal("value" in withOperator(clause, "is_null"), false);
  assert.deepEqual(withOperator({ ...clause, operator: "in", value: [3, 4, 5] }, ">="), clause);
});

test("another field keeps what it takes", () => {
  const clause = { field: "orders.count", operator: ">=", value: 3, where: { category: ["milk"], sku: ["A"] }, window: { last_days: 9 } };
  const days = { ...COUNT, name: "orders.days" };
  assert.deepEqual(withField(clause, COUNT, days), { field: "orders.days", operator: ">=", value: 3, where: { category: ["milk"] }, window: { last_days: 9 } });
  assert.deepEqual(withField(clause, COUNT, LEVEL), { field: "level", operator: "in", value: [] });
});

test("numbers are typed, and what is no number stays as it was typed", () => {
  assert.equal(typed("integer", " 12 "), 12);
  assert.equal(typed("integer", "1.5"), "1.5");
  assert.equal(typed("decimal", "99.50"), "99.50");
  assert.equal(typed("text", " a "), " a ");
});

test("clauses that the editor has no controls for are told apart", () => {
  assert.equal(isKnown(RULE.rules[0], COUNT), true);
  assert.equal(isKnown({ ...RULE.rules[0], odd: 1 }, COUNT), false);
  assert.equal(isKnown({ ...RULE.rules[0], where: { shop: ["x"] } }, COUNT), false);
  assert.equal(isKnown({ ...RULE.rules[0], window: { last_days: 1, from: "2026-01-01" } }, COUNT), false);
  assert.equal(isKnown({ ...RULE.rules[0], value: [3] }, COUNT), false);
  assert.equal(isKnown(RULE.rules[0], undefined), false);
  assert.equal(isKnown("no clause", COUNT), false);
});

test("undo goes back by steps, and typing in one control is one step", () => {
  let history = begun("a");
  history = changedTo(history, "b", "field", 0);
  history = changedTo(history, "c", "value", 5000);
  history = changedTo(history, "d", "value", 5500);
  assert.equal(undone(history).present, "b");
  assert.equal(undone(undone(history)).present, "a");
  assert.equal(redone(undone(history)).present, "d");
});

test("only the node that is meant changes", () => {
  const tree = treeOf(RULE);
  const next = changed(tree, tree.rules[0].id, (node) => ({ ...node, clause: { field: "x" } }));
  assert.deepEqual(ruleOf(next).rules[1], RULE.rules[1]);
  assert.deepEqual(ruleOf(next).rules[0], { field: "x" });
});
