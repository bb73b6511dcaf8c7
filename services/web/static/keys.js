// Keys for lists and the help sheet. Everything they do can be done without them; the sheet switches them off.
"use strict";

const OFF = "overturn.keys-off";
const sheet = document.getElementById("keys-sheet");
const keysOn = document.getElementById("keys-on");
const rows = () => [...document.querySelectorAll("[data-row] a[data-open]")];

function step(by) {
  const links = rows();
  const here = links.findIndex((link) => link.closest("[data-row]").contains(document.activeElement));
  const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), links.length - 1);
  links[next]?.focus();
  links[next]?.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  o: () => document.activeElement?.closest("[data-row]")?.querySelector("a[data-open]")?.click(),
  x: () => document.activeElement?.closest("[data-row]")?.querySelector("input[type=checkbox]")?.click(),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => sheet.showModal(),
};

function typing(element) {
  if (element.type === "checkbox") return false;
  return element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName);
}

document.addEventListener("keydown", (event) => {
  const off = localStorage.getItem(OFF) && event.key !== "?";
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || sheet.open || off) return;
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

keysOn.checked = !localStorage.getItem(OFF);
keysOn.addEventListener("change", () => {
  if (keysOn.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
});
document.getElementById("keys-open").addEventListener("click", () => sheet.showModal());
