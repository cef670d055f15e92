// The keyboard of the desk. The keys are listed in templates/desk/keys.html; none of them works while somebody types.
const rows = () => [...document.querySelectorAll("[data-list] .main")];
const entries = () => [...document.querySelectorAll(".thread > [id]")];

const isTyping = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]") !== null;

function step(by) {
  const links = rows();
  if (links.length) {
    const at = links.indexOf(document.activeElement);
    const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)];
    next.focus();
    next.closest("tr").scrollIntoView({ block: "nearest" });
    return;
  }
  const list = entries();
  const at = list.findIndex((entry) => entry === document.activeElement);
  const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)];
  if (!next) return;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function write(mode) {
  const radio = document.querySelector(`[data-composer] input[name=mode][value=${mode}]`);
  if (!radio) return;
  radio.checked = true;
  const area = document.querySelector(`[data-composer] .write-${mode} textarea`);
  area.focus();
  area.scrollIntoView({ block: "center" });
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  r: () => write("reply"),
  n: () => write("note"),
  u: () => document.querySelector("[data-back]")?.click(),
  "/": () => document.querySelector("[data-filters] select, [data-filters] input:not([type=hidden])")?.focus(),
  "?": () => document.getElementById("keys")?.togglePopover(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) return;
  if (event.key !== "?" && document.querySelector("dialog:popover-open")) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// The way back leads to the list as it was left, filters and page included.
const LIST = "desk-list";
try {
  const back = document.querySelector("[data-back]");
  const left = sessionStorage.getItem(LIST);
  if (document.querySelector("[data-filters]")) sessionStorage.setItem(LIST, location.search);
  else if (back && left) back.search = left;
} catch {
  // storage may be forbidden: then back is the list from its start
}

// Filters answer at once; the button stays for whoever has no script or types an address.
for (const select of document.querySelectorAll("[data-filters] select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
