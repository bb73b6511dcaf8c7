// An edited letter is not left by accident.
"use strict";

const editors = [...document.querySelectorAll("textarea[data-letter]")];
let saving = false;

for (const editor of editors) editor.form.addEventListener("submit", () => { saving = true; });

addEventListener("beforeunload", (event) => {
  if (!saving && editors.some((editor) => editor.value !== editor.defaultValue)) event.preventDefault();
});
