// Rows of a table in a form: add one, take one away, move one. The server leaves empty rows out; without this script a
// few empty ones are always there.

const rowsOf = (field) => [...field.querySelectorAll("tbody > tr")];

// Cells are named NAME-ROW-COLUMN: whoever changes the rows numbers them again.
function number(field) {
  const name = field.dataset.name;
  const rows = rowsOf(field);
  for (const [place, row] of rows.entries()) {
    for (const cell of row.querySelectorAll("[name]")) {
      const column = cell.name.slice(name.length + 1).replace(/^\d+-/, "");
      cell.name = `${name}-${place}-${column}`;
      cell.id = `id_${cell.name}`;
    }
    row.querySelector("[data-do=up]").disabled = place === 0;
    row.querySelector("[data-do=down]").disabled = place === rows.length - 1;
  }
  field.querySelector(`input[name="${name}-rows"]`).value = rows.length;
  field.querySelector("[data-do=add]").disabled = rows.length >= Number(field.dataset.most);
}

function empty(row) {
  for (const cell of row.querySelectorAll("input, select, textarea")) {
    if (cell.tagName === "SELECT") cell.selectedIndex = 0;
    else cell.value = "";
  }
  return row;
}

const ways = {
  add(field) {
    const rows = rowsOf(field);
    const row = empty(rows.at(-1).cloneNode(true));
    rows.at(-1).after(row);
    return row;
  },
  remove(field, row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    if (!next) return empty(row);
    row.remove();
    return next;
  },
  up(_field, row) {
    row.previousElementSibling?.before(row);
    return row;
  },
  down(_field, row) {
    row.nextElementSibling?.after(row);
    return row;
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest(".rows-field [data-do]");
  if (!button) return;
  const field = button.closest(".rows-field");
  const row = ways[button.dataset.do](field, button.closest("tr"));
  number(field);
  const again = row.querySelector(`[data-do="${button.dataset.do}"]:not(:disabled)`);
  (again ?? row.querySelector("input, select")).focus();
  // The form has changed, though nobody typed.
  field.querySelector("input").dispatchEvent(new Event("change", { bubbles: true }));
});

for (const field of document.querySelectorAll(".rows-field")) {
  for (const button of field.querySelectorAll("[data-do]")) button.hidden = false;
  number(field);
}
