import { RuleGroupBodyComponents, useRuleGroup } from "react-querybuilder";
import { Moves } from "./clause.jsx";
import { Button, Choice, useEditing } from "./controls.jsx";
import { DEEPEST, pathText } from "./rule.js";

const FORMS = ["and", "or", "not_and", "not_or"];

/** A group of clauses: react-querybuilder's `ruleGroup`. */
export function Group(props) {
  const group = useRuleGroup(props);
  const { words, faults, act } = useEditing();
  const { path, id } = group;
  const { combinator, not, rules } = group.ruleGroup;
  const root = path.length === 0;
  const wrong = faults[id] ?? [];
  const form = `${not ? "not_" : ""}${combinator}`;
  const label = root ? words("rule") : `${words("group")} ${path.map((index) => index + 1).join(".")}`;
  const join = (said) => act.join(id, said.replace("not_", ""), said.startsWith("not_"));
  return (
    <div class={`re-group${root ? " is-root" : ""}${wrong.length ? " is-wrong" : ""}`} role="group" aria-label={label} data-node={id} data-path={pathText(path)}>
      <div class="re-head">
        <Choice value={form} options={FORMS.map((each) => [each, words(each)])} label={words("combinator")} role="combinator" className="re-combinator" onChoose={join} />
        {root ? null : <Moves id={id} path={path} group />}
      </div>
      {wrong.length && rules.length ? <ul class="re-faults">{wrong.map((fault) => <li key={fault.path}>{fault.words}</li>)}</ul> : null}
      <div class="re-body" data-between={words(`between_${combinator}`)}>
        {rules.length ? <RuleGroupBodyComponents {...group} /> : <p class="re-empty">{words(root ? "empty_rule" : "empty_group")}</p>}
      </div>
      <div class="re-adds">
        <Button plain icon="add" label={words("add_clause")} role="add" onPress={() => act.add(path)} />
        {path.length < DEEPEST - 1 ? <Button plain icon="account_tree" label={words("add_group")} role="add_group" onPress={() => act.addGroup(path, combinator)} /> : null}
      </div>
    </div>
  );
}
