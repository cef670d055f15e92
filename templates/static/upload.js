// Files go from the browser straight to the store, each with its progress; the form then names them by hidden `uploads`.
//   POST {data-endpoint} {filename, content_type, size, project} -> {id, url, fields, expires_at}, then multipart POST to `url`.
// Without this module the native <input type=file name=file> posts small files with the form.
const AT_ONCE = 3;
const MEGABYTE = 1024 * 1024;

class Upload {
  constructor(file, area) {
    this.file = file;
    this.area = area;
    this.state = "waiting";
    this.id = null;
    this.request = null;
    this.row = area.rowFor(this);
    this.show();
  }

  get settled() {
    return this.state === "arrived" || this.state === "failed";
  }

  async send() {
    this.become("sending", 0);
    try {
      const place = await this.askForPlace();
      if (this.state !== "sending") return;
      await this.post(place);
      this.id = place.id;
      this.become("arrived");
    } catch (problem) {
      if (this.state === "sending") this.become("failed", 0, problem.message);
    }
  }

  async askForPlace() {
    this.request = new AbortController();
    const answer = await fetch(this.area.box.dataset.endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      credentials: "same-origin",
      signal: this.request.signal,
      body: JSON.stringify({
        filename: this.file.name,
        content_type: this.file.type || "application/octet-stream",
        size: this.file.size,
        project: this.area.box.dataset.project,
      }),
    });
    if (answer.ok) return answer.json();
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.errors?.[0]?.message || problem.detail || "");
  }

  post({ url, fields }) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append("file", this.file); // the store wants the file last
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // fetch tells nothing of the progress of what it sends
      this.request = request;
      request.upload.addEventListener("progress", (event) => event.lengthComputable && this.become("sending", event.loaded / event.total));
      request.addEventListener("load", () => (request.status >= 200 && request.status < 300 ? resolve() : reject(new Error(""))));
      request.addEventListener("error", () => reject(new Error("")));
      request.addEventListener("abort", () => reject(new Error("")));
      request.open("POST", url);
      request.send(body);
    });
  }

  cancel() {
    this.state = "cancelled";
    this.request?.abort();
    this.area.forget(this);
  }

  retry() {
    this.become("waiting", 0);
    this.area.pump();
  }

  become(state, share = 1, reason = "") {
    this.state = state;
    this.share = share;
    this.reason = reason;
    this.show();
    this.area.changed();
  }

  show() {
    const { row, area } = this;
    const text = area.box.dataset;
    row.className = `sent-file ${this.state}`;
    row.querySelector("progress").value = this.share ?? 0;
    const words = { waiting: text.textWaiting, sending: text.textSending, arrived: text.textArrived, failed: this.reason || text.textFailed };
    const amount = this.state === "sending" ? ` ${Math.floor((this.share ?? 0) * 100)} %` : "";
    row.querySelector(".state").textContent = words[this.state] + amount;
    row.querySelector("[data-retry]").hidden = this.state !== "failed";
    const name = row.querySelector("input[type=hidden]");
    name.disabled = this.state !== "arrived";
    name.value = this.id ?? "";
  }
}

class Area {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.input = box.querySelector("input[type=file]");
    this.list = box.querySelector("[data-files]");
    this.message = box.querySelector("[data-upload-message]");
    this.uploads = [];
    this.waitingSubmit = null;
    this.dress();
    this.listen();
    if (this.input.files.length) this.add([...this.input.files]); // kept by the browser over a reload
  }

  get busy() {
    return this.uploads.some((upload) => !upload.settled);
  }

  get kept() {
    return this.list.querySelectorAll("input[type=checkbox][name=uploads]:checked").length;
  }

  dress() {
    for (const part of this.box.querySelectorAll("[data-with-script]")) part.hidden = false;
    for (const part of this.box.querySelectorAll("[data-without-script]")) part.hidden = true;
    const drop = document.createElement("div");
    drop.className = "drop";
    const choose = document.createElement("button");
    choose.type = "button";
    choose.className = "link";
    choose.textContent = this.box.dataset.textChoose;
    choose.addEventListener("click", () => this.input.click());
    const [before, after = ""] = this.box.dataset.textDrop.split("{choose}");
    drop.append(before, choose, after);
    this.input.after(drop);
    this.input.classList.add("unseen");
    this.input.tabIndex = -1;
    this.box.querySelector(`label[for="${this.input.id}"]`)?.addEventListener("click", (event) => {
      event.preventDefault();
      choose.focus();
    });
  }

  listen() {
    this.input.addEventListener("change", () => this.add([...this.input.files]));

    const target = this.form;
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    target.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.box.classList.add("over");
    });
    target.addEventListener("dragleave", (event) => {
      if (!target.contains(event.relatedTarget)) this.box.classList.remove("over");
    });
    target.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.box.classList.remove("over");
      this.add([...event.dataTransfer.files]);
    });
    target.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      // A spreadsheet cell comes as text and as a picture of it; the text is what was meant.
      if (event.clipboardData.types.includes("text/plain")) return;
      event.preventDefault();
      this.add(files.map(named));
    });
    target.addEventListener("submit", (event) => this.holdBack(event));
  }

  async add(files) {
    this.input.value = ""; // from here on the files travel on their own
    this.say("");
    const text = this.box.dataset;
    for (const file of files) {
      if (this.uploads.length + this.kept >= Number(text.maxFiles)) {
        this.say(text.textTooMany.replace("{count}", text.maxFiles));
        break;
      }
      if (file.size > Number(text.maxBytes)) {
        this.say(text.textTooLarge.replace("{name}", file.name).replace("{size}", text.textMaxSize));
        continue;
      }
      if (!(await readable(file))) {
        this.say(text.textFolder.replace("{name}", file.name));
        continue;
      }
      this.uploads.push(new Upload(file, this));
      this.pump();
    }
  }

  pump() {
    const running = this.uploads.filter((upload) => upload.state === "sending").length;
    const waiting = this.uploads.filter((upload) => upload.state === "waiting");
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - running))) upload.send();
  }

  changed() {
    this.pump();
    if (this.busy || !this.waitingSubmit) return;
    const { submitter } = this.waitingSubmit;
    this.waitingSubmit = null;
    if (this.uploads.some((upload) => upload.state === "failed")) {
      this.say(this.box.dataset.textSomeFailed);
      return;
    }
    this.say("");
    this.form.requestSubmit(submitter);
  }

  holdBack(event) {
    if (this.busy) {
      event.preventDefault();
      this.waitingSubmit = { submitter: event.submitter };
      this.say(this.box.dataset.textFinishing);
    } else if (this.uploads.some((upload) => upload.state === "failed")) {
      event.preventDefault();
      this.say(this.box.dataset.textSomeFailed);
    }
  }

  forget(upload) {
    this.uploads = this.uploads.filter((each) => each !== upload);
    const next = upload.row.nextElementSibling ?? upload.row.previousElementSibling;
    upload.row.remove();
    (next?.querySelector("[data-remove]") ?? this.box.querySelector(".drop .link")).focus();
    this.say("");
    this.changed();
  }

  say(text) {
    this.message.textContent = text;
  }

  rowFor(upload) {
    const text = this.box.dataset;
    const row = document.createElement("li");
    const name = Object.assign(document.createElement("span"), { className: "name", textContent: upload.file.name, title: upload.file.name });
    const state = Object.assign(document.createElement("span"), { className: "state" });
    const buttons = Object.assign(document.createElement("span"), { className: "buttons" });
    const retry = Object.assign(document.createElement("button"), { type: "button", className: "tool", textContent: text.textRetry, hidden: true });
    retry.dataset.retry = "";
    retry.addEventListener("click", () => upload.retry());
    const remove = Object.assign(document.createElement("button"), { type: "button", className: "tool", textContent: "×" });
    remove.dataset.remove = "";
    remove.setAttribute("aria-label", text.textRemove.replace("{name}", upload.file.name));
    remove.addEventListener("click", () => upload.cancel());
    buttons.append(retry, remove);
    const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    progress.setAttribute("aria-label", upload.file.name);
    const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: "uploads", disabled: true });
    row.append(name, state, buttons, progress, hidden);
    this.list.append(row);
    return row;
  }
}

// A dropped folder looks like a file until somebody reads it.
async function readable(file) {
  if (file.size > MEGABYTE) return true;
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

// A pasted picture has no name of its own; two of them should not share one.
function named(file) {
  if (file.name && file.name !== "image.png") return file;
  const stamp = new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-");
  return new File([file], `${stamp}.${file.type.split("/")[1] || "bin"}`, { type: file.type });
}

const areas = [...document.querySelectorAll("[data-upload]")].map((box) => new Area(box));

addEventListener("beforeunload", (event) => {
  if (areas.some((area) => area.busy)) event.preventDefault();
});
// A file dropped beside the form would otherwise replace the page.
addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
addEventListener("drop", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
