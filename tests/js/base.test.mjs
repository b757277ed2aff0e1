import assert from "node:assert/strict";
import { test } from "node:test";

import { baseOf, combined, keepBase, whenBaseArrives } from "../../verifier/ui/annotator/base.js";

const NOTHING = { changed: [], removed: [] };
const packed = (revision, data) => new TextEncoder().encode(revision.padEnd(64, "0") + JSON.stringify(data));

test("what is different since comes over what stays; what did not change is the same object", () => {
  const base = { annotator: "quill", annotations: [{ id: "a" }, { id: "b" }, { id: "c" }], suggestions: [{ id: "s" }] };
  const live = {
    readonly: true,
    annotations: { changed: [{ id: "b", note: "new" }, { id: "d" }], removed: ["c"] },
    suggestions: { changed: [], removed: ["s"] },
  };
  const all = combined(base, live);
  assert.deepEqual(all, {
    annotator: "quill",
    readonly: true,
    annotations: [{ id: "a" }, { id: "b", note: "new" }, { id: "d" }],
    suggestions: [],
  });
  assert.equal(all.annotations[0], base.annotations[0]);
  assert.deepEqual(combined(base, { annotations: NOTHING, suggestions: NOTHING }), base);
});

test("a base is kept under its revision, those who wait are told, and old ones go", () => {
  let told = 0;
  const waiting = new AbortController();
  whenBaseArrives(() => (told += 1), waiting.signal);
  assert.equal(baseOf("r1".padEnd(64, "0")), undefined);
  for (const revision of ["r1", "r1", "r2", "r3", "r4"]) keepBase(packed(revision, { text: "слово 😀", of: revision }));
  assert.equal(told, 4);
  assert.equal(baseOf("r1".padEnd(64, "0")), undefined);
  assert.deepEqual(baseOf("r4".padEnd(64, "0")), { text: "слово 😀", of: "r4" });
  waiting.abort();
  keepBase(packed("r5", {}));
  assert.equal(told, 4);
});
