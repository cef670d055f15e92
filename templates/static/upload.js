// Files go from the browser straight to the store, each with its progress; the form then names them by hidden `uploads`.
// A picture that is pasted or dropped into a text field stands in the text as well, as ![name](file:id).
// Without this module the native <input type=file name=file> posts small files with the form.
import { Lost, Sending } from "./sending.js";

const AT_ONCE = 3;
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"]; // what the desk shows where it stands
const MEGABYTE = 1024 * 1024;

class Upload {
  // `words` is the text field that a picture was put into, if any.
  constructor(file, area, words) {
    Object.assign(this, { file, area, words, state: "waiting", id: null, lost: false });
    this.sending = new Sending(file, area.box.dataset, {
      promised: (id) => this.name(id),
      progress: (share) => this.become("sending", share),
      broken: () => this.become("broken", 0),
    });
    this.row = area.rowFor(this);
    this.show();
  }

  get settled() {
    return this.state === "arrived" || this.state === "failed";
  }

  get running() {
    return this.state === "sending" || this.state === "broken";
  }

  async send() {
    this.become("sending", 0);
    try {
      await this.sending.run();
      this.become("arrived");
    } catch (problem) {
      this.lost = problem instanceof Lost;
      if (this.state !== "cancelled") this.become("failed", 0, problem.message);
    }
  }

  cancel() {
    this.state = "cancelled";
    this.sending.cancel();
    this.area.forget(this);
  }

  retry() {
    if (this.state === "broken") this.sending.hurry();
    else {
      this.become("waiting", 0);
      this.area.pump();
    }
  }

  // Online again: no more pausing, and another chance for what was given up for want of a connection.
  hurry() {
    if (this.state === "broken" || (this.state === "failed" && this.lost)) this.retry();
  }

  // The desk has promised a place: from now on the file has an id, and its picture can stand in the text.
  name(id) {
    if (this.words && this.id) replaceIn(this.words, `file:${this.id}`, `file:${id}`);
    else if (this.words) insertInto(this.words, `![${this.file.name.replace(/[[\]\n]/g, "_")}](file:${id})`);
    this.id = id;
  }

  become(state, share = 1, reason = "") {
    if (this.state === "cancelled") return;
    Object.assign(this, { state, share, reason });
    this.show();
    this.area.changed();
  }

  show() {
    const { row, area } = this;
    const text = area.box.dataset;
    row.className = `sent-file ${this.state}`;
    row.querySelector("progress").value = this.share ?? 0;
    const words = {
      waiting: text.textWaiting,
      sending: text.textSending,
      broken: text.textBroken,
      arrived: text.textArrived,
      failed: this.reason || text.textFailed,
    };
    const amount = this.state === "sending" ? ` ${Math.floor((this.share ?? 0) * 100)} %` : "";
    const state = row.querySelector(".state");
    state.ariaLive = this.state === "sending" ? "off" : "polite"; // each per cent would be read out
    state.textContent = words[this.state] + amount;
    row.querySelector("[data-retry]").hidden = !["broken", "failed"].includes(this.state);
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
      this.add([...event.dataTransfer.files], event.target.closest("textarea"));
    });
    target.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      // A spreadsheet cell comes as text and as a picture of it; the text is what was meant.
      if (event.clipboardData.types.includes("text/plain")) return;
      event.preventDefault();
      this.add(files.map(named), event.target.closest("textarea"));
    });
    target.addEventListener("submit", (event) => this.holdBack(event));
  }

  async add(files, words = null) {
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
      this.uploads.push(new Upload(file, this, PICTURES.includes(file.type) ? words : null));
      this.pump();
    }
  }

  pump() {
    const running = this.uploads.filter((upload) => upload.running).length;
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

function insertInto(field, text) {
  const at = field.selectionEnd;
  const gap = at && !/\s/.test(field.value[at - 1]) ? " " : "";
  if (field.maxLength >= 0 && field.value.length + gap.length + text.length > field.maxLength) return;
  field.setRangeText(gap + text, at, at, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true })); // a script's own change makes none
}

function replaceIn(field, before, after) {
  const at = field.value.indexOf(before);
  if (at < 0) return;
  field.setRangeText(after, at, at + before.length, "preserve");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
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
addEventListener("online", () => areas.flatMap((area) => area.uploads).forEach((upload) => upload.hurry()));
// A file dropped beside the form would otherwise replace the page.
addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
addEventListener("drop", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
