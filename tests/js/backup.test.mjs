import assert from "node:assert/strict";
import { test } from "node:test";

import { Backup } from "../../verifier/ui/annotator/backup.js";

/** A storage like the browser's: entries are its own keys. */
function storage() {
  return Object.create({
    getItem(key) {
      return this[key] ?? null;
    },
    setItem(key, value) {
      this[key] = value;
    },
    removeItem(key) {
      delete this[key];
    },
  });
}

/** Locks that are held until they are let go of. */
function locks() {
  const held = new Set();
  return {
    held,
    request: async (name, work) => {
      held.add(name);
      await work();
      held.delete(name);
    },
    query: async () => ({ held: [...held].map((name) => ({ name })), pending: [] }),
  };
}

const op = (id, document = "d1", at = "2031-01-01T00:00:00Z") => ({ op_id: id, document_id: document, made_at: at });

test("a closed tab's operations are found by the next, in the order they were made, and forgotten when saved anew", async () => {
  const shared = { storage: storage(), locks: locks() };
  const closed = new Backup({ clientId: "closed", ...shared });
  closed.save(
    "quill",
    [
      op("closed:2", "d1", "2031-01-01T00:00:02Z"),
      op("closed:10", "d2", "2031-01-01T00:00:03Z"),
      op("closed:9", "d1", "2031-01-01T00:00:03Z"),
    ],
    [],
  );
  const next = new Backup({ clientId: "next", ...shared });
  assert.deepEqual((await next.leftovers("quill")).ops, [], "a living tab keeps its own");
  closed.close();
  await Promise.resolve();
  await Promise.resolve();
  const found = await next.leftovers("quill");
  assert.deepEqual(
    found.ops.map((one) => one.op_id),
    ["closed:2", "closed:9", "closed:10"],
  );
  next.save("quill", found.ops, found.rejected);
  found.forget();
  assert.deepEqual((await new Backup({ clientId: "third", ...shared }).leftovers("quill")).ops, []);
  assert.equal(Object.keys(shared.storage).length, 2, "one entry a document");
});

test("another person's leftovers are left alone", async () => {
  const shared = { storage: storage(), locks: locks() };
  const closed = new Backup({ clientId: "closed", ...shared });
  closed.save("ink", [op("closed:1")], []);
  closed.save("ink|d1", [op("closed:2")], []);
  closed.close();
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual((await new Backup({ clientId: "next", ...shared }).leftovers("quill")).ops, []);
  assert.deepEqual((await new Backup({ clientId: "next", ...shared }).leftovers("ink")).ops, [op("closed:1")]);
});

test("two tabs of one person do not overwrite each other, and an emptied queue leaves nothing", () => {
  const shared = { storage: storage(), locks: locks() };
  const one = new Backup({ clientId: "one", ...shared });
  const two = new Backup({ clientId: "two", ...shared });
  one.save("quill", [op("one:1")], []);
  two.save("quill", [op("two:1")], []);
  two.save("quill", [], []);
  assert.equal(Object.keys(shared.storage).length, 1);
  one.save("quill", [], [{ op: op("one:1"), reason: "no" }]);
  assert.match(Object.values(shared.storage)[0], /"reason":"no"/);
  one.save("quill", [], []);
  assert.equal(Object.keys(shared.storage).length, 0);
});

test("without locks a tab that has been silent for long is taken for closed", async () => {
  const kept = storage();
  let now = 1_000_000;
  const clock = () => now;
  new Backup({ clientId: "old", storage: kept, now: clock }).save("quill", [op("old:1")], []);
  const next = new Backup({ clientId: "next", storage: kept, now: clock });
  now += 5_000;
  assert.deepEqual((await next.leftovers("quill")).ops, []);
  now += 20_000;
  assert.deepEqual((await next.leftovers("quill")).ops, [op("old:1")]);
});

test("what a tab has written since it was read is not forgotten", async () => {
  const kept = storage();
  const old = new Backup({ clientId: "old", storage: kept, now: () => 0 });
  old.save("quill", [op("old:1")], []);
  const found = await new Backup({ clientId: "next", storage: kept, now: () => 60_000 }).leftovers("quill");
  old.save("quill", [op("old:1"), op("old:2")], []);
  found.forget();
  assert.equal(Object.keys(kept).length, 1);
});

test("a storage that is forbidden or full is told, and is no error", async () => {
  const forbidden = new Backup({ clientId: "c", storage: null });
  assert.equal(forbidden.save("quill", [op("c:1")], []), false);
  assert.deepEqual((await forbidden.leftovers("quill")).ops, []);
  const full = storage();
  Object.getPrototypeOf(full).setItem = () => {
    throw new Error("QuotaExceededError");
  };
  assert.equal(new Backup({ clientId: "c", storage: full }).save("quill", [op("c:1")], []), false);
});

test("an entry that cannot be read is passed over and kept", async () => {
  const kept = storage();
  kept.setItem("verifier-annotator|quill|d1|broken", "{");
  const found = await new Backup({ clientId: "c", storage: kept }).leftovers("quill");
  found.forget();
  assert.deepEqual(found.ops, []);
  assert.equal(Object.keys(kept).length, 1);
});
