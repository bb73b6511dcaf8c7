// Counts what is marked in a list and its dollars. The form works without it.
"use strict";

const boxes = [...document.querySelectorAll("input[name=case_ids]")];
const all = document.getElementById("choose-page");
const sum = document.getElementById("chosen");
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

function count() {
  const marked = boxes.filter((box) => box.checked);
  const cents = marked.reduce((total, box) => total + Math.round(Number(box.dataset.amount) * 100), 0);
  sum.textContent = marked.length ? `${marked.length} marked · ${dollars.format(cents / 100)}` : "";
  all.checked = marked.length === boxes.length;
  all.indeterminate = marked.length > 0 && !all.checked;
}

all.addEventListener("change", () => {
  for (const box of boxes) box.checked = all.checked;
  count();
});
for (const box of boxes) box.addEventListener("change", count);
all.hidden = false;
count();
