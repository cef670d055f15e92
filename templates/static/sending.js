// The way of one file to the store: the desk promises it a place, then it is posted there. What breaks off is begun again by
// itself, after growing pauses and as soon as the browser is online again; what the desk or the store refuses is not.
const PAUSES = [1, 2, 4, 8, 15, 30, 60]; // seconds
const SILENCE = 60_000; // milliseconds without any progress: the connection is dead, only nobody has said so

// The connection broke, or the other side was not able to answer: worth another try.
export class Lost extends Error {}

// The promise of a place is over; there will be a new one.
class Expired extends Error {}

export class Sending {
  // `place` is {endpoint, project}; `tell` is {promised(id), progress(share), broken()}.
  constructor(file, place, tell) {
    Object.assign(this, { file, place, tell, promise: null, stopped: new AbortController(), skip: () => {} });
  }

  // The id of the file, once it has arrived. Throws Lost after the last try, and whatever else is final with its reason.
  async run() {
    for (const pause of [...PAUSES, null]) {
      try {
        this.promise ??= await this.ask();
        await this.post(this.promise);
        return this.promise.id;
      } catch (problem) {
        const lost = problem instanceof Lost;
        if (!lost) this.promise = null;
        if (pause === null || !(lost || problem instanceof Expired) || this.stopped.signal.aborted) throw problem;
        if (lost) await this.wait(pause);
      }
    }
  }

  cancel() {
    this.stopped.abort();
    this.skip();
  }

  // Tries at once what is only waiting to be tried again.
  hurry() {
    this.skip();
  }

  wait(seconds) {
    this.tell.broken();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.skip = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async ask() {
    const answer = await this.fetchPlace().catch(() => {
      throw new Lost();
    });
    if (answer.status >= 500) throw new Lost();
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(content.errors?.[0]?.message || content.detail || "");
    if (!content.id) throw new Lost(); // cut off in the middle
    this.tell.promised(content.id);
    return content;
  }

  fetchPlace() {
    return fetch(this.place.endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      credentials: "same-origin",
      signal: AbortSignal.any([this.stopped.signal, AbortSignal.timeout(SILENCE)]),
      body: JSON.stringify({
        filename: this.file.name,
        content_type: this.file.type || "application/octet-stream",
        size: this.file.size,
        project: this.place.project,
      }),
    });
  }

  post({ url, fields }) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append("file", this.file); // the store wants the file last
    const request = new XMLHttpRequest(); // fetch tells nothing of the progress of what it sends
    const abort = () => request.abort();
    let silence = setTimeout(abort, SILENCE);
    return new Promise((resolve, reject) => {
      this.stopped.signal.addEventListener("abort", abort, { once: true });
      request.upload.addEventListener("progress", (event) => {
        clearTimeout(silence);
        silence = setTimeout(abort, SILENCE);
        if (event.lengthComputable) this.tell.progress(event.loaded / event.total);
      });
      for (const end of ["error", "abort"]) request.addEventListener(end, () => reject(new Lost()));
      request.addEventListener("load", () => {
        const problem = refusal(request);
        if (problem) reject(problem);
        else resolve();
      });
      request.open("POST", url);
      request.send(body);
    }).finally(() => {
      clearTimeout(silence);
      this.stopped.signal.removeEventListener("abort", abort);
    });
  }
}

// What the store says of a file that it did not take; undefined where it took it.
function refusal({ status, responseText }) {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 500 || responseText.includes("RequestTimeout")) return new Lost();
  return /expired/i.test(responseText) ? new Expired() : new Error("");
}
