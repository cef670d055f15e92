// Text typed into a form with data-draft="key" stays in this tab until the desk has stored it.
// The page after a success names the key in <body data-accepted>; only then is the draft dropped.
// A form that was sent keeps its idempotency `key` with the draft: where the answer got lost, sending it again is no second order.
// A form the desk refused carries data-rejected and comes back filled in by the desk, which then is the newer text.
const PREFIX = "draft:";

const store = {
  read(key) {
    try {
      return JSON.parse(sessionStorage.getItem(PREFIX + key) ?? "{}");
    } catch {
      return {};
    }
  },
  write(key, values) {
    try {
      if (Object.values(values).some(Boolean)) sessionStorage.setItem(PREFIX + key, JSON.stringify(values));
      else sessionStorage.removeItem(PREFIX + key);
    } catch {
      // full or forbidden: the form works as without this module
    }
  },
  drop(key) {
    try {
      sessionStorage.removeItem(PREFIX + key);
    } catch {
      // nothing was kept then
    }
  },
};

const fieldsOf = (form) =>
  [...form.querySelectorAll("input, textarea, select")].filter(
    (field) => field.name && field.name !== "website" && !["hidden", "file", "checkbox", "radio", "password"].includes(field.type),
  );

const keyOf = (form) => form.querySelector("input[type=hidden][name=key]");

const keep = (form, sent) => {
  const values = Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.value]));
  if (sent) values.key = keyOf(form)?.value;
  store.write(form.dataset.draft, values);
};

const restore = (form) => {
  const values = store.read(form.dataset.draft);
  if (values.key && keyOf(form)) keyOf(form).value = values.key;
  for (const field of fieldsOf(form)) {
    if (!field.value && values[field.name]) field.value = values[field.name];
  }
  return Boolean(values.key);
};

const accepted = document.body.dataset.accepted;
if (accepted) {
  store.drop(accepted);
  // Reloading this page later must not drop a draft begun since.
  const here = new URL(location.href);
  if (here.searchParams.has("sent")) {
    here.searchParams.delete("sent");
    history.replaceState(history.state, "", here);
  }
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  let sent = "rejected" in form.dataset;
  if (sent) keep(form, sent);
  else sent = restore(form);
  form.addEventListener("input", () => keep(form, sent));
  form.addEventListener("submit", () => keep(form, (sent = true)));
}
