import assert from "node:assert/strict";
import { test } from "node:test";

import { Boundaries, OffsetMap } from "../../verifier/ui/annotator/offsets.js";
import { seeded, text } from "./chance.mjs";

const ROUNDS = 400;

test("both counts agree with counting character by character", () => {
  const random = seeded(1);
  for (let round = 0; round < ROUNDS; round += 1) {
    const given = text(random);
    const map = new OffsetMap(given);
    let unit = 0;
    let point = 0;
    for (const character of given) {
      assert.equal(map.toUnit(point), unit);
      for (let inside = 0; inside < character.length; inside += 1) assert.equal(map.toPoint(unit + inside), point);
      unit += character.length;
      point += 1;
    }
    assert.equal(map.toPoint(given.length), point);
    assert.equal(map.toUnit(point), given.length);
    assert.equal(map.points, [...given].length);
  }
});

test("a place beyond the text counts as its end, one before it as its beginning", () => {
  for (const given of ["plain", "a😀b", ""]) {
    const map = new OffsetMap(given);
    assert.equal(map.toPoint(99), [...given].length);
    assert.equal(map.toUnit(99), given.length);
    assert.equal(map.toPoint(-1), 0);
    assert.equal(map.toUnit(-1), 0);
  }
});

test("a snapped selection has no white space at its ends, cuts no character and loses nothing that was selected", () => {
  const random = seeded(2);
  for (let round = 0; round < ROUNDS; round += 1) {
    const given = text(random);
    const ends = [Math.floor(random() * (given.length + 1)), Math.floor(random() * (given.length + 1))];
    const snapped = new Boundaries(given, "uk").snap(...ends);
    const [from, to] = ends.sort((one, other) => one - other);
    if (!given.slice(from, to).trim()) {
      assert.equal(snapped, null);
      continue;
    }
    const [start, end] = snapped;
    const edges = new Set([given.length, ...[...new Intl.Segmenter("uk").segment(given)].map((piece) => piece.index)]);
    assert.ok(edges.has(start) && edges.has(end));
    assert.ok(given.slice(start, end).includes(given.slice(from, to).trim()));
    // Snapping again changes nothing.
    assert.deepEqual(new Boundaries(given, "uk").snap(start, end), snapped);
  }
});

test("families, flags and accents are taken whole", () => {
  const given = "a 👨\u200d👩\u200d👧 b cafe\u0301 🇺🇦";
  const boundaries = new Boundaries(given, "en");
  assert.deepEqual(boundaries.snap(3, 5), [2, 10]);
  const e = given.indexOf("e\u0301");
  assert.deepEqual(boundaries.snap(e - 3, e + 1), [e - 3, e + 2]);
  assert.deepEqual(boundaries.snap(given.length - 2, given.length - 1), [given.length - 4, given.length]);
});

test("walking word by word forth meets the same words as walking back, and every one", () => {
  const random = seeded(3);
  for (let round = 0; round < ROUNDS; round += 1) {
    const given = text(random);
    const boundaries = new Boundaries(given, "ru");
    const forth = [];
    for (let word = boundaries.word(0, 1); word; word = boundaries.word(word[1], 1)) forth.push(word);
    const back = [];
    for (let word = boundaries.word(given.length, -1); word; word = boundaries.word(word[0], -1)) back.unshift(word);
    assert.deepEqual(forth, back);
    const all = [...new Intl.Segmenter("ru", { granularity: "word" }).segment(given)].filter((piece) => piece.isWordLike);
    for (const piece of all) assert.ok(forth.some(([start]) => start === piece.index));
  }
});

test("sentences are found without the white space between them", () => {
  const given = "First one. Second one!\r\nThird – and last.";
  const boundaries = new Boundaries(given, "en");
  const said = (range) => range && given.slice(...range);
  assert.equal(said(boundaries.sentenceAt(3)), "First one.");
  assert.equal(said(boundaries.sentence(10, 1)), "Second one!");
  assert.equal(said(boundaries.sentence(boundaries.sentenceAt(12)[0], -1)), "First one.");
  assert.equal(said(boundaries.sentence(given.length, 1)), null);
});

test("a language tag that nobody knows does no harm", () => {
  for (const tag of ["", "und", "x-none", "not a tag", "zz"]) assert.deepEqual(new Boundaries("one two", tag).word(0, 1), [0, 3]);
});
