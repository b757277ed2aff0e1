// A second copy of what is not answered yet, in the browser's storage: it outlives the tab, the browser and a stopped server.
// Each tab writes under keys of its own, one a document, so that two tabs of one person never overwrite each other.

const PREFIX = "verifier-annotator";

/** A tab that has not written for so long is taken for closed, where the browser has no locks. Three missed heartbeats and a bit. */
const SILENT_MS = 15_000;

/** @returns {string} a name that no other tab has, also where the page is not served over HTTPS */
export function newClientId() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The copy that one tab keeps, and the copies that closed tabs of the same person have left. */
export class Backup {
  /**
   * @param {{clientId: string, storage: Storage | null, locks?: LockManager | null, now?: () => number}} options
   *   `storage`: null where the browser forbids it; `locks`: null where the page is not served over HTTPS or from this machine.
   */
  constructor({ clientId, storage, locks = null, now = Date.now }) {
    this.clientId = clientId;
    this.storage = storage;
    this.locks = locks;
    this.now = now;
    this.letGo = () => {};
    // Held as long as the tab lives; the browser lets go of it when the tab closes or crashes.
    locks?.request(lockOf(clientId), () => new Promise((resolve) => (this.letGo = resolve))).catch(() => {});
  }

  /**
   * Write everything that is not answered yet.
   *
   * @param {string} annotator
   * @param {object[]} ops
   * @param {{op: object, reason: string}[]} rejected
   * @returns {boolean} false where the browser could not keep it
   */
  save(annotator, ops, rejected) {
    /** @type {Map<string, {ops: object[], rejected: object[]}>} */
    const byKey = new Map();
    const under = (op) => {
      const key = this.#key(annotator, op.document_id);
      if (!byKey.has(key)) byKey.set(key, { ops: [], rejected: [] });
      return byKey.get(key);
    };
    for (const op of ops) under(op).ops.push(op);
    for (const item of rejected) under(item.op).rejected.push(item);
    try {
      for (const [key, kept] of byKey) this.storage.setItem(key, JSON.stringify({ alive: this.now(), ...kept }));
      for (const key of this.#keys(annotator)) {
        if (clientOf(key) === this.clientId && !byKey.has(key)) this.storage.removeItem(key);
      }
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Collect what closed tabs of this person have left.
   *
   * @param {string} annotator
   * @returns {Promise<{ops: object[], rejected: object[], forget: () => void}>} call `forget` once it is saved anew
   */
  async leftovers(annotator) {
    const found = { ops: [], rejected: [] };
    const taken = [];
    const living = await this.#living();
    for (const key of this.#keys(annotator)) {
      const client = clientOf(key);
      if (client === this.clientId || living?.has(client)) continue;
      const raw = this.storage.getItem(key);
      let kept;
      try {
        kept = JSON.parse(raw);
      } catch {
        continue; // not ours to read, so not ours to delete
      }
      if (!kept || (!living && this.now() - kept.alive < SILENT_MS)) continue;
      found.ops.push(...(kept.ops ?? []));
      found.rejected.push(...(kept.rejected ?? []));
      taken.push([key, raw]);
    }
    found.ops.sort((one, other) => byTime(one, other));
    const forget = () => {
      // What has been written since it was read stays for the next time.
      for (const [key, raw] of taken) if (this.storage.getItem(key) === raw) this.storage.removeItem(key);
    };
    return { ...found, forget };
  }

  /** Let other tabs have what this one leaves. */
  close() {
    this.letGo();
  }

  #key(annotator, documentId) {
    return [PREFIX, annotator, documentId, this.clientId].map(encodeURIComponent).join("|");
  }

  #keys(annotator) {
    const start = [PREFIX, annotator].map(encodeURIComponent).join("|") + "|";
    try {
      return Object.keys(this.storage ?? {}).filter((key) => key.startsWith(start));
    } catch {
      return [];
    }
  }

  async #living() {
    if (!this.locks) return null;
    try {
      const { held = [], pending = [] } = await this.locks.query();
      return new Set(
        [...held, ...pending]
          .map((lock) => lock.name)
          .filter((name) => name.startsWith(lockOf("")))
          .map((name) => name.slice(lockOf("").length)),
      );
    } catch {
      return null;
    }
  }
}

function lockOf(clientId) {
  return `${PREFIX}:${clientId}`;
}

function clientOf(key) {
  return decodeURIComponent(key.split("|")[3] ?? "");
}

function byTime(one, other) {
  if (one.made_at !== other.made_at) return one.made_at < other.made_at ? -1 : 1;
  return Number(one.op_id.split(":").at(-1)) - Number(other.op_id.split(":").at(-1));
}
