import assert from "node:assert/strict";
import { test } from "node:test";

import { applied, OpLog, replayed } from "../../verifier/ui/annotator/oplog.js";
import { pick, seeded } from "./chance.mjs";

const DOCUMENT = { id: "d1", sha256: "abc" };
const LABELS = ["loaded", "quote", "figure"];

/** Commits once each what it gets, as the store does, and refuses what does not fit; may fail to answer. */
class Server {
  constructor() {
    this.log = new Map();
    this.annotations = new Map();
  }

  commit(ops) {
    return ops.map((op) => {
      if (!this.log.has(op.op_id)) this.log.set(op.op_id, this.#take(op));
      return { op_id: op.op_id, ...this.log.get(op.op_id) };
    });
  }

  #take(op) {
    const before = this.annotations.get(op.annotation_id) ?? null;
    if (op.label === "refused") return { accepted: false, reason: "nobody may" };
    if (op.kind !== "add" && !before) return { accepted: false, reason: "it was withdrawn" };
    const after = applied(before, op, "quill");
    if (after) this.annotations.set(after.id, after);
    else this.annotations.delete(op.annotation_id);
    return { accepted: true };
  }
}

function client(name) {
  let made = 0;
  const log = new OpLog({ clientId: name, now: () => new Date(Date.UTC(2031, 0, 1)), newId: () => `${name}-a${(made += 1)}` });
  log.open(DOCUMENT, "quill");
  return log;
}

function add(log, label = "loaded", start = 0) {
  return log.add({ start, end: start + 3, quote: "abc", codebook_id: "wording", codebook_version: "1", label });
}

/** One random edit. */
function act(log, random) {
  const id = pick(random, [...log.current.keys(), ""]);
  const kind = pick(random, ["add", "add", "change", "withdraw", "undo", "redo"]);
  if (kind === "add") add(log, pick(random, [...LABELS, "refused"]), Math.floor(random() * 50));
  else if (kind === "change") log.change(id, { label: pick(random, LABELS), intensity: pick(random, [null, 1, 2, 3]) });
  else if (kind === "withdraw") log.withdraw(id);
  else log[kind]();
}

function plain(annotations) {
  return Object.fromEntries([...annotations].sort(([one], [other]) => (one < other ? -1 : 1)));
}

test("an operation is complete, and numbered under its client", () => {
  const log = client("c");
  const op = log.add(
    { start: 1, end: 4, quote: "ord", codebook_id: "wording", codebook_version: "2", label: "loaded" },
    { duration_ms: 12.6 },
  );
  assert.deepEqual(op, {
    op_id: "c:1",
    kind: "add",
    annotation_id: "c-a1",
    annotator: "quill",
    document_id: "d1",
    text_sha256: "abc",
    level: "span",
    start: 1,
    end: 4,
    quote: "ord",
    codebook_id: "wording",
    codebook_version: "2",
    label: "loaded",
    intensity: null,
    target: "",
    confidence: null,
    note: "",
    method: "manual",
    suggestion_id: "",
    made_at: "2031-01-01T00:00:00.000Z",
    duration_ms: 13,
  });
  assert.equal(log.change("c-a1", { note: "why" }).op_id, "c:2");
  assert.equal(log.change("c-a1", { note: "why" }), null);
  assert.equal(log.withdraw("nothing"), null);
});

test("operations applied twice give the same as once", () => {
  const random = seeded(6);
  for (let round = 0; round < 200; round += 1) {
    const log = client("c");
    for (let step = 0; step < 8; step += 1) act(log, random);
    const once = replayed(new Map(), log.pending, "quill");
    assert.deepEqual(plain(once), plain(log.current));
    const server = new Server();
    server.commit(log.pending);
    const before = plain(server.annotations);
    server.commit(log.pending);
    assert.deepEqual(plain(server.annotations), before);
  }
});

test("what is shown is the same whatever part is answered, in whatever order answers come and however often", () => {
  const random = seeded(7);
  for (let round = 0; round < 200; round += 1) {
    const log = client("c");
    const server = new Server();
    for (let step = 0; step < 6; step += 1) act(log, random);
    const wanted = replayed(
      new Map(),
      log.pending.filter((op) => op.label !== "refused"),
      "quill",
    );
    const refusedOnly = log.pending.filter((op) => op.label === "refused" && op.kind !== "add").length;
    const answers = server.commit(log.pending).sort(() => random() - 0.5);
    while (log.pending.length) {
      log.receive(
        [...server.annotations.values()],
        answers.filter(() => random() < 0.5),
      );
      log.receive([...server.annotations.values()], []);
    }
    log.receive([...server.annotations.values()], answers);
    assert.deepEqual(plain(log.current), plain(server.annotations));
    if (!refusedOnly) assert.deepEqual(plain(log.current), plain(wanted));
    assert.equal(log.rejected.length, answers.filter((answer) => !answer.accepted).length);
  }
});

test("two tabs over a line that loses and doubles messages end alike, with every operation committed once", () => {
  const random = seeded(8);
  for (let round = 0; round < 150; round += 1) {
    const server = new Server();
    const tabs = [client("one"), client("two")];
    const made = [];
    for (let step = 0; step < 40; step += 1) {
      const tab = pick(random, tabs);
      if (random() < 0.5) {
        const before = tab.counter;
        act(tab, random);
        if (tab.counter > before) made.push(`${tab.clientId}:${tab.counter}`);
      } else {
        const sent = tab.pending.slice();
        if (random() < 0.7) {
          const answers = server.commit(random() < 0.3 ? [...sent, ...sent] : sent);
          if (random() < 0.6) tab.receive([...server.annotations.values()], answers);
        }
      }
    }
    for (const tab of tabs) tab.receive([...server.annotations.values()], server.commit(tab.pending));
    for (const tab of tabs) tab.receive([...server.annotations.values()], []);
    for (const tab of tabs) assert.deepEqual(plain(tab.current), plain(server.annotations));
    assert.deepEqual([...server.log.keys()].sort(), made.sort());
  }
});

test("undo is an operation of its own, and all undone and done again is as it was", () => {
  const random = seeded(9);
  for (let round = 0; round < 200; round += 1) {
    const log = client("c");
    for (let step = 0; step < 8; step += 1) {
      const id = pick(random, [...log.current.keys(), ""]);
      pick(random, [
        () => add(log, pick(random, LABELS)),
        () => log.change(id, { note: String(step) }),
        () => log.withdraw(id),
      ])();
    }
    const done = plain(log.current);
    const before = log.pending.length;
    let undone = 0;
    while (log.undo()) undone += 1;
    assert.deepEqual(plain(log.current), {});
    assert.equal(log.pending.length, before + undone);
    while (log.redo());
    assert.deepEqual(plain(log.current), done);
  }
});

test("a new edit after undo leaves nothing to do again", () => {
  const log = client("c");
  add(log);
  log.undo();
  add(log, "quote");
  assert.equal(log.redo(), null);
});

test("undoing a withdrawal brings the same annotation back", () => {
  const log = client("c");
  add(log);
  log.change("c-a1", { note: "kept", target: "ministers" });
  log.withdraw("c-a1");
  assert.equal(log.current.size, 0);
  const op = log.undo();
  assert.deepEqual([op.kind, op.annotation_id, op.note, op.target], ["add", "c-a1", "kept", "ministers"]);
});

test("a refused operation is taken back on screen, kept aside with its reason, and not undone", () => {
  const log = client("c");
  const op = add(log, "refused");
  assert.equal(log.current.size, 1);
  const touched = log.receive([], [{ op_id: op.op_id, accepted: false, reason: "nobody may" }]);
  assert.deepEqual([...touched], ["c-a1"]);
  assert.equal(log.current.size, 0);
  assert.deepEqual(log.rejected, [{ op, reason: "nobody may" }]);
  assert.equal(log.undo(), null);
  log.dismiss(op.op_id);
  assert.deepEqual(log.rejected, []);
});

test("only annotations that look different are told", () => {
  const log = client("c");
  const op = add(log);
  const standing = { ...log.current.get("c-a1") };
  const other = { ...standing, id: "far", own: false, annotator: "ink" };
  assert.deepEqual([...log.receive([standing, other], [{ op_id: op.op_id, accepted: true }])], ["far"]);
  assert.deepEqual([...log.receive([{ ...standing }, { ...other }], [])], []);
  assert.deepEqual([...log.receive([standing], [])], ["far"]);
});

test("operations on a document opened before stay in the queue and do not show on the next one", () => {
  const log = client("c");
  add(log);
  log.open({ id: "d2", sha256: "def" }, "quill");
  assert.equal(log.current.size, 0);
  assert.equal(log.pending.length, 1);
  assert.equal(log.undo(), null);
  log.open(DOCUMENT, "quill");
  assert.equal(log.current.size, 1);
});

test("leftovers of a closed tab are taken over once, and before what was done since", () => {
  const closed = client("closed");
  const first = add(closed);
  const log = client("c");
  log.receive([], []);
  const own = add(log, "quote");
  assert.deepEqual([...log.adopt([first])], ["closed-a1"]);
  log.adopt([first]);
  assert.deepEqual(
    log.pending.map((op) => op.op_id),
    [first.op_id, own.op_id],
  );
  assert.equal(log.current.size, 2);
});

test("a place gets no label twice, and one label only where the codebook allows no more", () => {
  const log = client("c");
  const at = { start: 1, end: 4, quote: "ord", codebook_id: "wording", codebook_version: "1" };
  const first = log.give({ ...at, label: "loaded" }, true);
  assert.equal(first.op.kind, "add");
  assert.deepEqual(log.give({ ...at, label: "loaded" }, true), { op: null, id: first.id });
  assert.equal(log.give({ ...at, label: "quote" }, true).op.kind, "add");
  assert.equal(log.give({ ...at, codebook_id: "origin", label: "wire" }, false).op.kind, "add");
  const instead = log.give({ ...at, codebook_id: "origin", label: "witness" }, false);
  assert.equal(instead.op.kind, "change");
  assert.equal(log.current.size, 3);
  // Neither somebody else's label nor a rejected suggestion stands in the way.
  const other = { ...log.current.get(first.id), id: "x", own: false, annotator: "ink", start: 9, end: 12 };
  log.receive([other], []);
  assert.equal(log.give({ ...at, start: 9, end: 12, label: "loaded" }, true).op.kind, "add");
  log.add({ ...at, label: "figure", method: "suggestion-rejected" });
  assert.equal(log.give({ ...at, label: "figure" }, true).op.kind, "add");
});
