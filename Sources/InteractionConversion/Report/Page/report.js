// Sorting and searching tables, and all details open in print. Without it, the page is the same but for these.
"use strict";

const number = (text) => Number(text.replace(/[^0-9.]/g, "")) || 0;

function makeSortable(table) {
  const body = table.tBodies[0];
  for (const [column, cell] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => {
      const isNumber = cell.classList.contains("number");
      const wasSorted = cell.getAttribute("aria-sort");
      // Large numbers first, texts from A to Z first.
      const next = wasSorted ? (wasSorted === "ascending" ? "descending" : "ascending") : isNumber ? "descending" : "ascending";
      const sign = next === "ascending" ? 1 : -1;
      const keyed = [...body.rows].map((row) => {
        const text = row.cells[column].textContent;
        return [isNumber ? number(text) : text, row];
      });
      const order = isNumber ? (a, b) => sign * (a[0] - b[0]) : (a, b) => sign * (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
      body.append(...keyed.sort(order).map((entry) => entry[1]));
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", next);
    });
  }
}

function makeSearchable(table) {
  const rows = [...table.tBodies[0].rows].map((row) => [row.textContent.toLowerCase(), row]);
  const tools = document.createElement("div");
  tools.className = "tools";
  const field = document.createElement("input");
  field.type = "search";
  field.autocomplete = "off";
  const label = document.createElement("label");
  label.append("Search ", field);
  const count = document.createElement("output");
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [text, row] of rows) {
      const isShown = words.every((word) => text.includes(word));
      if (row.hidden === isShown) row.hidden = !isShown;
      if (isShown) shown += 1;
    }
    count.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} lines`;
  };
  field.addEventListener("input", show);
  show();
  tools.append(label, count);
  table.closest(".scroll").before(tools);
}

document.querySelectorAll("table.sortable").forEach(makeSortable);
document.querySelectorAll("table.searchable").forEach(makeSearchable);
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
