import assert from "node:assert/strict";
import { test } from "node:test";

import { MarkIndex, paragraphsOf, PIECE_UNITS } from "../../verifier/ui/annotator/segments.js";
import { pick, seeded, text } from "./chance.mjs";

const ROUNDS = 150;

test("paragraphs and their pieces, joined, are the text", () => {
  const random = seeded(4);
  for (let round = 0; round < ROUNDS; round += 1) {
    const given = text(random, 60) + (round % 10 ? "" : "слово ".repeat(2000) + "x😀".repeat(3000));
    const paragraphs = paragraphsOf(given);
    const pieces = paragraphs.flatMap((paragraph) => paragraph.pieces);
    for (const parts of [paragraphs, pieces])
      assert.equal(parts.map(({ start, end }) => given.slice(start, end)).join(""), given);
    for (const { start, end } of pieces) {
      assert.ok(end > start && end - start <= PIECE_UNITS + 1);
      assert.doesNotMatch(given.slice(end - 1, end + 1), /[\ud800-\udbff][\udc00-\udfff]/);
    }
    for (const { start, end } of paragraphs.slice(0, -1)) assert.equal(given.slice(start, end).at(-1), "\n");
  }
});

function overlap(one, other) {
  return one.start < other.end && other.start < one.end;
}

test("after any puts and removals, segments are what counting by hand gives, and marks that overlap have lanes of their own", () => {
  const random = seeded(5);
  for (let round = 0; round < ROUNDS; round += 1) {
    const length = 40;
    const cuts = [0, ...new Set([7, 8, 20, 33].filter(() => random() < 0.7)), length];
    const pieces = cuts.slice(0, -1).map((start, n) => ({ start, end: cuts[n + 1] }));
    const index = new MarkIndex(pieces);
    const marks = new Map();
    for (let step = 0; step < 25; step += 1) {
      const id = pick(random, ["a", "b", "c", "d", "e", "f"]);
      const before = new Map(pieces.map((_, n) => [n, JSON.stringify(index.segments(n))]));
      let told;
      if (random() < 0.3) {
        told = index.remove(id);
        marks.delete(id);
      } else {
        const start = Math.floor(random() * length);
        const end = start + 1 + Math.floor(random() * (length - start));
        told = index.put(id, start, end);
        marks.set(id, { start, end });
      }
      pieces.forEach((piece, n) => {
        const segments = index.segments(n);
        assert.equal(segments[0].start, piece.start);
        assert.equal(segments.at(-1).end, piece.end);
        segments.slice(1).forEach((segment, k) => assert.equal(segment.start, segments[k].end));
        for (let place = piece.start; place < piece.end; place += 1) {
          const segment = segments.find((one) => one.start <= place && place < one.end);
          const over = [...marks].filter(([, mark]) => mark.start <= place && place < mark.end).map(([name]) => name);
          assert.deepEqual([...segment.ids].sort(), over.sort());
        }
        for (const segment of segments) for (const name of segment.ending) assert.equal(marks.get(name).end, segment.end);
        // What was not said to be drawn again looks as before.
        if (!told.includes(n)) assert.equal(JSON.stringify(segments), before.get(n));
      });
      for (const [one, place] of marks) {
        for (const [other, there] of marks) {
          if (one !== other && overlap(place, there)) assert.notEqual(index.marks.get(one).lane, index.marks.get(other).lane);
        }
      }
    }
  }
});

test("a new mark leaves the lanes of all others as they are", () => {
  const index = new MarkIndex([{ start: 0, end: 100 }]);
  index.put("first", 10, 30);
  index.put("second", 20, 40);
  const lanes = () => Object.fromEntries([...index.marks].map(([id, mark]) => [id, mark.lane]));
  assert.deepEqual(lanes(), { first: 0, second: 1 });
  index.put("before", 0, 15);
  assert.deepEqual(lanes(), { first: 0, second: 1, before: 1 });
  index.remove("first");
  index.put("again", 12, 30);
  assert.deepEqual(lanes(), { second: 1, before: 1, again: 0 });
});

test("a mark across pieces ends in its last one only", () => {
  const index = new MarkIndex([
    { start: 0, end: 10 },
    { start: 10, end: 20 },
    { start: 20, end: 30 },
  ]);
  assert.deepEqual(index.put("m", 5, 25), [0, 1, 2]);
  assert.deepEqual(
    [0, 1, 2].map((n) => index.segments(n).flatMap((segment) => segment.ending)),
    [[], [], ["m"]],
  );
  assert.deepEqual(index.put("m", 5, 25), [0, 1, 2]);
});
