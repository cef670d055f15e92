// A form with data-once is sent once: a second press while the first is on its way does nothing.
// The hidden idempotency `key` stays as it is, so that what slips through is still one request to the desk.
const sending = new WeakSet();

const buttonsOf = (form) => form.querySelectorAll("button:not([type=button])");

const release = (form) => {
  sending.delete(form);
  for (const button of buttonsOf(form)) button.removeAttribute("aria-disabled");
};

// Bubbling to the document, so that upload.js, which may hold a form back, has spoken before.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (sending.has(form)) {
    event.preventDefault();
    return;
  }
  sending.add(form);
  // Not `disabled`: the pressed button's own name and value would not be sent.
  for (const button of buttonsOf(form)) button.setAttribute("aria-disabled", "true");
});

// Back from the next page: the browser shows this one as it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-once]").forEach(release);
});

// After a refusal the reader starts at the summary of what is wrong.
document.querySelector("[data-errors]")?.focus();
