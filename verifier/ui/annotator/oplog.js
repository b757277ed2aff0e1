// What was done and not yet answered. The server's state and the unanswered operations on top of it give what is shown; an operation
// stays until the server has answered it, whatever happens to the connection. Everything here is pure but the counter and the clock.

/**
 * @typedef {{id: string, start: number, end: number, quote: string, level: string, codebook_id: string, codebook_version: string,
 *   label: string, intensity: number | null, target: string, confidence: number | null, note: string, method: string,
 *   annotator: string, own: boolean}} Annotation  `start`, `end`: code points, half-open.
 * @typedef {{op_id: string, kind: "add" | "change" | "withdraw", annotation_id: string, document_id: string, [field: string]: any}} Operation
 * @typedef {{op_id: string, accepted: boolean, reason?: string}} Answer
 */

const CONTENT = [
  "start",
  "end",
  "quote",
  "level",
  "codebook_id",
  "codebook_version",
  "label",
  "intensity",
  "target",
  "confidence",
  "note",
  "method",
];
const BLANK = {
  start: 0,
  end: 0,
  quote: "",
  level: "span",
  codebook_id: "",
  codebook_version: "",
  label: "",
  intensity: null,
  target: "",
  confidence: null,
  note: "",
  method: "manual",
};

/** How many operations back undo goes. */
const UNDO_STEPS = 500;

/**
 * Say what an operation makes of an annotation. Applied twice it gives the same as once.
 *
 * @param {Annotation | null} before null where there is none
 * @param {Operation} op
 * @param {string} annotator the name of who made the operation
 * @returns {Annotation | null} null where none stands
 */
export function applied(before, op, annotator) {
  if (op.kind === "withdraw") return null;
  if (op.kind === "change" && !before) return null;
  return { ...contentOf(op), id: op.annotation_id, annotator, own: true };
}

/**
 * Apply operations one after another.
 *
 * @param {Map<string, Annotation>} annotations left as they are
 * @param {Operation[]} ops
 * @param {string} annotator
 * @returns {Map<string, Annotation>}
 */
export function replayed(annotations, ops, annotator) {
  const after = new Map(annotations);
  for (const op of ops) {
    const annotation = applied(after.get(op.annotation_id) ?? null, op, annotator);
    if (annotation) after.set(op.annotation_id, annotation);
    else after.delete(op.annotation_id);
  }
  return after;
}

/** The operations of one tab and what they make of the document that is open. */
export class OpLog {
  /**
   * @param {{clientId: string, now?: () => Date, newId?: () => string}} options `newId` names new annotations
   */
  constructor({ clientId, now = () => new Date(), newId = () => `${clientId}/${this.counter + 1}` }) {
    this.clientId = clientId;
    this.now = now;
    this.newId = newId;
    this.counter = 0;
    this.annotator = "";
    this.document = { id: "", sha256: "" };
    /** @type {Operation[]} not yet answered, oldest first; those of documents opened before included */
    this.pending = [];
    /** @type {{op: Operation, reason: string}[]} refused by the server and not yet dismissed */
    this.rejected = [];
    /** @type {Map<string, Annotation>} as the server has it */
    this.base = new Map();
    /** @type {Map<string, Annotation>} as it is shown */
    this.current = new Map();
    this.#forget();
  }

  /**
   * Turn to a document. Unanswered operations on others stay in the queue.
   *
   * @param {{id: string, sha256: string}} document
   * @param {string} annotator
   */
  open(document, annotator) {
    this.document = { id: document.id, sha256: document.sha256 };
    this.annotator = annotator;
    this.base = new Map();
    this.current = replayed(this.base, this.#here(), annotator);
    this.#forget();
  }

  /**
   * Take the server's annotations and answers.
   *
   * @param {Annotation[]} annotations all that stand on the open document
   * @param {Answer[]} answers
   * @returns {Set<string>} ids of the annotations that now look different
   */
  receive(annotations, answers) {
    const touched = new Set();
    const given = new Map(answers.map((answer) => [answer.op_id, answer]));
    const kept = [];
    for (const op of this.pending) {
      const answer = given.get(op.op_id);
      if (!answer) {
        kept.push(op);
        continue;
      }
      touched.add(op.annotation_id);
      if (!answer.accepted) this.#refuse(op, answer.reason ?? "");
    }
    this.pending = kept;

    const base = new Map(annotations.map((annotation) => [annotation.id, annotation]));
    for (const [id, annotation] of base) if (!same(annotation, this.base.get(id))) touched.add(id);
    for (const id of this.base.keys()) if (!base.has(id)) touched.add(id);
    this.base = base;
    return new Set([...touched].filter((id) => this.#refresh(id)));
  }

  /**
   * Take over the operations that a tab now closed could not deliver.
   *
   * @param {Operation[]} ops
   * @param {{op: Operation, reason: string}[]} [rejected]
   * @returns {Set<string>} ids of the annotations that now look different
   */
  adopt(ops, rejected = []) {
    const known = new Set([...this.pending, ...this.rejected.map((item) => item.op)].map((op) => op.op_id));
    const fresh = ops.filter((op) => !known.has(op.op_id));
    this.pending = [...fresh, ...this.pending];
    this.rejected.push(...rejected.filter((item) => !known.has(item.op.op_id)));
    return new Set(fresh.map((op) => op.annotation_id).filter((id) => this.#refresh(id)));
  }

  /**
   * @param {Partial<Annotation>} content what is labelled and how
   * @param {{suggestion_id?: string, duration_ms?: number}} [how]
   * @returns {Operation}
   */
  add(content, how = {}) {
    return this.#make(this.newId(), { ...BLANK, ...content }, how);
  }

  /**
   * Give a label to a place: never the same one twice, and where a codebook allows one only, instead of the one there.
   *
   * @param {Partial<Annotation>} content
   * @param {boolean} multiple whether a place may carry several labels of the codebook
   * @param {{duration_ms?: number}} [how]
   * @returns {{op: Operation | null, id: string}} the annotation, and the operation; null where it is labelled so already
   */
  give(content, multiple, how = {}) {
    const there = [...this.current.values()].filter(
      (one) =>
        one.own &&
        one.method !== "suggestion-rejected" &&
        ["start", "end", "codebook_id"].every((field) => one[field] === content[field]),
    );
    const same = there.find((one) => one.label === content.label);
    if (same) return { op: null, id: same.id };
    const op = there.length && !multiple ? this.change(there[0].id, content, how) : this.add(content, how);
    return { op, id: op.annotation_id };
  }

  /**
   * @param {string} id of an annotation that is shown
   * @param {Partial<Annotation>} content what shall be different
   * @param {{duration_ms?: number}} [how]
   * @returns {Operation | null} null where nothing would change
   */
  change(id, content, how = {}) {
    const before = this.current.get(id);
    if (!before) return null;
    const after = { ...contentOf(before), ...content };
    return same(after, contentOf(before)) ? null : this.#make(id, after, how);
  }

  /**
   * @param {string} id of an annotation that is shown
   * @param {{duration_ms?: number}} [how]
   * @returns {Operation | null}
   */
  withdraw(id, how = {}) {
    return this.current.has(id) ? this.#make(id, null, how) : null;
  }

  /** @returns {Operation | null} the operation that takes the last one back, or null where there is none */
  undo() {
    return this.#compensate(this.undoable, this.redoable, "before");
  }

  /** @returns {Operation | null} the operation that does again what was undone last */
  redo() {
    return this.#compensate(this.redoable, this.undoable, "after");
  }

  /** @param {string} opId of a refused operation that has been read */
  dismiss(opId) {
    this.rejected = this.rejected.filter((item) => item.op.op_id !== opId);
  }

  /**
   * @param {string} id
   * @returns {boolean} whether an annotation has operations that are not answered yet
   */
  isPending(id) {
    return this.pending.some((op) => op.annotation_id === id);
  }

  #compensate(from, to, side) {
    const step = from.pop();
    if (!step) return null;
    const op = this.#write(step.id, step[side], {});
    to.push({ ...step, opIds: [...step.opIds, op.op_id] });
    return op;
  }

  #make(id, after, how) {
    const before = this.current.get(id);
    const op = this.#write(id, after, how);
    this.undoable.push({ id, before: before ? contentOf(before) : null, after: after && contentOf(after), opIds: [op.op_id] });
    if (this.undoable.length > UNDO_STEPS) this.undoable.shift();
    this.redoable.length = 0;
    return op;
  }

  #write(id, after, how) {
    const before = this.current.get(id);
    const kind = after === null ? "withdraw" : before ? "change" : "add";
    this.counter += 1;
    const op = {
      op_id: `${this.clientId}:${this.counter}`,
      kind,
      annotation_id: id,
      annotator: this.annotator,
      document_id: this.document.id,
      text_sha256: this.document.sha256,
      ...contentOf(after ?? before ?? BLANK),
      suggestion_id: how.suggestion_id ?? "",
      made_at: this.now().toISOString(),
      duration_ms: Math.max(0, Math.round(how.duration_ms ?? 0)),
    };
    this.pending.push(op);
    this.#refresh(id);
    return op;
  }

  #refuse(op, reason) {
    if (!this.rejected.some((item) => item.op.op_id === op.op_id)) this.rejected.push({ op, reason });
    for (const steps of [this.undoable, this.redoable]) {
      for (let n = steps.length - 1; n >= 0; n -= 1) if (steps[n].opIds.includes(op.op_id)) steps.splice(n, 1);
    }
  }

  #refresh(id) {
    const ops = this.#here().filter((op) => op.annotation_id === id);
    let now = this.base.get(id) ?? null;
    for (const op of ops) now = applied(now, op, this.annotator);
    const before = this.current.get(id) ?? null;
    if (now) this.current.set(id, now);
    else this.current.delete(id);
    return !same(now, before);
  }

  #here() {
    return this.pending.filter((op) => op.document_id === this.document.id);
  }

  #forget() {
    /** @type {{id: string, before: object | null, after: object | null, opIds: string[]}[]} */
    this.undoable = [];
    this.redoable = [];
  }
}

function contentOf(from) {
  return Object.fromEntries(CONTENT.map((field) => [field, from[field] ?? BLANK[field]]));
}

function same(one, other) {
  if (!one || !other) return !one && !other;
  const fields = Object.keys(one);
  return fields.length === Object.keys(other).length && fields.every((field) => one[field] === other[field]);
}
