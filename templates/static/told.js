// Says in the composer who will be told, as soon as somebody is about to write. Without it, a link leads to the same.
const FRESH_MS = 60_000;

async function fill(line) {
  if (Date.now() - Number(line.dataset.at || 0) < FRESH_MS) return;
  line.dataset.at = Date.now();
  try {
    const answer = await fetch(line.dataset.told, { headers: { "Accept-Language": document.documentElement.lang } });
    if (answer.ok) say(line, (await answer.json()).items);
  } catch {
    // no network: the link still leads to the page
  }
}

function say(line, people) {
  const told = people.filter((each) => each.told);
  const silent = people.filter((each) => !each.told && each.why !== "themselves");
  const named = (each) => each.name || each.email;
  const names = told.map((each) => (each.digest ? line.dataset.textDigest.replace("{name}", named(each)) : named(each)));
  const sentences = [told.length ? line.dataset.textTold.replace("{names}", names.join(", ")) : line.dataset.textNobody];
  if (silent.length) {
    const excused = silent.map((each) => `${named(each)} (${each.words})`);
    sentences.push(line.dataset.textSilent.replace("{names}", excused.join(", ")));
  }
  line.querySelector("[data-told-names]").textContent = sentences.join(" ");
}

for (const line of document.querySelectorAll("[data-told]")) {
  line.closest("form").addEventListener("focusin", () => fill(line));
  const mode = document.querySelector(`input[name=mode][value=${line.dataset.mode}]`);
  mode?.addEventListener("change", () => fill(line));
}
