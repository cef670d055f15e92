// A customer's link is /t/WEB-1042#k=TOKEN. The token is in the fragment so that it stays out of logs and referrers, and is
// exchanged by POST so that a mail scanner which opens the address changes nothing.
const fragment = new URLSearchParams(location.hash.slice(1));
const token = fragment.get("k");

if (token !== null) history.replaceState(history.state, "", location.pathname + location.search);

const box = document.querySelector("[data-link]");
if (token && box) exchange(token);

// The link entered over the open page changes the fragment alone, and loads nothing by itself.
addEventListener("hashchange", () => {
  if (new URLSearchParams(location.hash.slice(1)).has("k")) location.reload();
});

async function exchange(secret) {
  const ways = box.querySelector("[data-link-ways]");
  const title = box.querySelector("[data-link-title]");
  const message = box.querySelector("[data-link-message]");
  const closed = title.textContent;
  ways.hidden = true;
  title.textContent = box.dataset.textOpening;

  const refuse = (text) => {
    title.textContent = closed;
    message.textContent = text;
    ways.hidden = false;
  };

  try {
    const answer = await fetch(box.dataset.endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      credentials: "same-origin",
      body: JSON.stringify({ token: secret }),
    });
    if (answer.ok) location.reload();
    else if (answer.status === 429) refuse(box.dataset.textSlow);
    else if (answer.status >= 500) refuse(box.dataset.textOffline);
    else refuse(box.dataset.textEnded);
  } catch {
    refuse(box.dataset.textOffline);
  }
}
