import { render } from "preact";
import { Editor } from "./editor.jsx";
import { askFields } from "./server.js";

// Each field of a rule in the page. Without an answer about the fields the JSON stays as it is: it works by itself.
for (const field of document.querySelectorAll(".rule-field")) {
  const area = field.querySelector("textarea");
  askFields(field.dataset).then((told) => {
    const place = document.createElement("div");
    field.prepend(place);
    field.closest("form")?.classList.add("has-rule-editor");
    render(<Editor area={area} addresses={field.dataset} told={told} />, place);
  }, () => {});
}
