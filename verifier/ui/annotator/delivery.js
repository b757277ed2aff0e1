// Getting operations to the server, whatever happens: they are sent until they are answered, a copy outlives the tab, and what closed tabs
// of the same person have left is taken over.

import { wakePage } from "./base.js";
import { Backup, newClientId } from "./backup.js";
import { OpLog } from "./oplog.js";

/** Unanswered operations are sent again after so long; each time without any sign of the server doubles it, up to the second. */
const HEARTBEAT_MS = 3_000;
const SLOWEST_HEARTBEAT_MS = 12_000;

/** After a field is left: a tap that leaves it may press a button of the page, and Streamlit loses one of two that come at once. */
const AFTER_FIELD_MS = 250;

/** The operations of one person at one tab, and the way they take. */
export class Delivery {
  /**
   * @param {string} annotator whose operations they are; another person needs another delivery
   * @param {{onRecovered: (touched: Set<string>, count: number) => void}} events `onRecovered`: annotations that
   *   look different as operations of closed tabs were taken over, and how many of these there were
   */
  constructor(annotator, { onRecovered }) {
    this.annotator = annotator;
    this.onRecovered = onRecovered;
    this.clientId = newClientId();
    this.log = new OpLog({ clientId: this.clientId, newId: newClientId });
    this.backup = new Backup({ clientId: this.clientId, storage: storageOf(), locks: navigator.locks ?? null });
    this.setStateValue = null;
    /** Whether the browser could keep a copy. */
    this.kept = true;
    this.closed = false;
    this.wait = HEARTBEAT_MS;
    this.#beat();
  }

  /** @param {(name: string, value: any) => void} setStateValue the way to the server, which has just given a sign of life */
  connect(setStateValue) {
    this.setStateValue = setStateValue;
    this.wait = HEARTBEAT_MS;
  }

  /** Copy what is not answered yet. */
  save() {
    this.kept = this.backup.save(this.annotator, this.log.pending, this.log.rejected);
  }

  /** Send everything that is not answered, as one value; sent twice it does no harm. */
  send() {
    if (this.closed || !this.log.pending.length || !this.setStateValue) return;
    try {
      this.setStateValue("edits", this.log.pending.slice());
    } catch {
      // Not connected: the heartbeat tries again.
    }
  }

  /** Send, but not at once. */
  sendSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.send(), AFTER_FIELD_MS);
  }

  /** Take over what closed tabs of this person have left. */
  async recover() {
    const { ops, rejected, forget } = await this.backup.leftovers(this.annotator);
    if (this.closed || !(ops.length || rejected.length)) return;
    const touched = this.log.adopt(ops, rejected);
    this.save();
    if (this.kept) forget();
    this.onRecovered(touched, ops.length);
    this.send();
  }

  /** Stop; what is not answered stays in the copy, for the next one. */
  close() {
    this.save();
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.soon);
    this.backup.close();
  }

  #beat() {
    this.timer = setTimeout(async () => {
      await this.recover().catch(() => {});
      if (this.closed) return;
      this.save(); // also says that this tab is alive
      // Streamlit sends the operations along with whatever makes the page run.
      if (this.log.pending.length && !wakePage()) this.send();
      // A server that is slow is not helped by being asked more often: each question may begin its run anew.
      this.wait = this.log.pending.length ? Math.min(SLOWEST_HEARTBEAT_MS, this.wait * 2) : HEARTBEAT_MS;
      this.#beat();
    }, this.wait);
  }
}

function storageOf() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null; // the person has forbidden it
  }
}
