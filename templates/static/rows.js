// Rows of a form with data-rows that can be added and taken away. Without this module the form has one blank row,
// each row a box to tick for its removal, and saving brings the next blank one.
for (const form of document.querySelectorAll("form[data-rows]")) {
  const list = form.querySelector("[data-rows-list]");
  const add = form.querySelector("[data-add]");
  const pattern = list.querySelector("[data-row].fresh")?.cloneNode(true);

  const numberOf = (row) => Number(row.querySelector("[name]").name.split(".")[1]);

  const renumber = (row, number) => {
    for (const each of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby"]) {
        const value = each.getAttribute(attribute);
        if (value) each.setAttribute(attribute, value.replace(/fields\.\d+\./g, `fields.${number}.`));
      }
    }
    row.querySelector("[name$='.place']").value = number + 1;
  };

  if (pattern && add) {
    add.hidden = false;
    add.addEventListener("click", () => {
      const row = pattern.cloneNode(true);
      renumber(row, Math.max(...[...list.querySelectorAll("[data-row]")].map(numberOf)) + 1);
      list.append(row);
      row.querySelector("[name$='.label']").focus();
    });
  }

  // A row that is to go is dimmed at once; it goes when the form is saved, and until then can be kept.
  const mark = (box) => box.closest("[data-row]").classList.toggle("going", box.checked);
  list.addEventListener("change", (event) => event.target.matches("[data-remove]") && mark(event.target));
  list.querySelectorAll("[data-remove]").forEach(mark);
}
