import assert from "node:assert/strict";
import { test } from "node:test";

import { commandOf, letterOf, WordCursor } from "../../verifier/ui/annotator/keyboard.js";
import { Boundaries } from "../../verifier/ui/annotator/offsets.js";
import { pick, seeded, text } from "./chance.mjs";

const LABELS = [..."abcdefghij"].map((id) => ({ id, key: "" }));
LABELS[9].key = "n";
LABELS[8].key = "1";
LABELS[7].key = "q";
const CONTEXT = { labels: LABELS, selected: false, marked: false, rightToLeft: false };

function pressed(key, { code = "", tag = "DIV", ...more } = {}) {
  const target = { tagName: tag, isContentEditable: false };
  return {
    key,
    code,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    composedPath: () => [target],
    target,
    ...more,
  };
}

const command = (event, context = {}) => commandOf(event, { ...CONTEXT, ...context });

test("a digit gives the label of that key, else of that place; on any layout", () => {
  assert.equal(command(pressed("1", { code: "Digit1" })).label.id, "i");
  assert.equal(command(pressed("2", { code: "Digit2" })).label.id, "b");
  assert.equal(command(pressed("é", { code: "Digit2" })).label.id, "b", "the French row of digits");
  assert.equal(command(pressed("3", { code: "Numpad3" })).label.id, "c");
  assert.equal(command(pressed("@", { code: "Digit2", shiftKey: true })), null);
  assert.equal(command(pressed("0", { code: "Digit0" })), null);
  assert.equal(commandOf(pressed("5", { code: "Digit5" }), { ...CONTEXT, labels: LABELS.slice(0, 2) }), null);
});

test("keys typed into fields are never taken", () => {
  for (const tag of ["INPUT", "TEXTAREA", "SELECT"]) {
    for (const key of ["1", "a", "z", "/", "Delete", "ArrowLeft", "Tab", "Enter"]) {
      assert.equal(command(pressed(key, { tag }), { selected: true, marked: true }), null);
      assert.equal(command(pressed(key, { tag, ctrlKey: true })), null);
    }
  }
  const inner = { tagName: "INPUT" };
  assert.equal(
    command({ ...pressed("1", { code: "Digit1" }), composedPath: () => [inner, { tagName: "DIV" }] }),
    null,
    "a field in a shadow tree",
  );
  assert.equal(command(pressed("1", { code: "Digit1", isComposing: true })), null, "an input method at work");
});

test("letters are read by what is printed, and on other scripts by their place", () => {
  assert.equal(letterOf(pressed("a", { code: "KeyQ" })), "a");
  assert.equal(letterOf(pressed("ф", { code: "KeyA" })), "a");
  assert.equal(letterOf(pressed("ش", { code: "KeyA" })), "a");
  assert.equal(letterOf(pressed(";", { code: "KeyM" })), "");
  assert.equal(command(pressed("я", { code: "KeyZ", ctrlKey: true })).name, "undo");
  assert.equal(command(pressed("Я", { code: "KeyZ", ctrlKey: true, shiftKey: true })).name, "redo");
  assert.equal(command(pressed("y", { code: "KeyY", metaKey: true })).name, "redo");
});

test("a label's own letter comes first while words are selected, the command otherwise", () => {
  const n = pressed("n", { code: "KeyN" });
  assert.equal(command(n, { selected: true }).label.id, "j");
  assert.equal(command(n).name, "next");
  assert.equal(command(pressed("q", { code: "KeyQ" })).label.id, "h");
  assert.equal(command(pressed("a", { code: "KeyA" }), { selected: true }).name, "accept");
});

test("the browser's own keys stay the browser's", () => {
  for (const [key, code] of [
    ["c", "KeyC"],
    ["r", "KeyR"],
    ["1", "Digit1"],
    ["f", "KeyF"],
  ]) {
    assert.equal(command(pressed(key, { code, ctrlKey: true })), null);
    assert.equal(command(pressed(key, { code, altKey: true })), null);
  }
  assert.equal(command(pressed("ArrowLeft", { altKey: true })), null, "back in the history");
  assert.equal(command(pressed("Tab")), null, "leaves the text while no mark is in hand");
  assert.equal(command(pressed("Tab"), { marked: true }).name, "next");
  assert.equal(command(pressed("Enter", { tag: "BUTTON" })), null);
});

test("arrows follow the direction of the writing", () => {
  assert.deepEqual(command(pressed("ArrowRight")), { name: "move", unit: "word", step: 1, extend: false });
  assert.deepEqual(command(pressed("ArrowRight"), { rightToLeft: true }), {
    name: "move",
    unit: "word",
    step: -1,
    extend: false,
  });
  assert.deepEqual(command(pressed("ArrowDown", { shiftKey: true }), { rightToLeft: true }), {
    name: "move",
    unit: "sentence",
    step: 1,
    extend: true,
  });
  assert.equal(command(pressed("ArrowLeft", { ctrlKey: true })).unit, "sentence");
  assert.equal(command(pressed("ArrowLeft", { altKey: true, shiftKey: true })).unit, "character");
});

function cursorOn(given) {
  const cursor = new WordCursor(new Boundaries(given, "en"));
  return {
    cursor,
    said: () => (cursor.selection ? given.slice(...cursor.selection) : null),
    go: (unit, step, extend = false) => cursor.move(unit, step, extend),
  };
}

test("the cursor goes word by word, and Shift extends and shrinks", () => {
  const { said, go } = cursorOn("One, two “three” four.");
  const seen = [];
  for (let n = 0; n < 5; n += 1) seen.push((go("word", 1), said()));
  assert.deepEqual(seen, ["One", "two", "three", "four", "four"]);
  go("word", -1);
  go("word", -1, true);
  assert.equal(said(), "two “three");
  go("word", 1, true);
  assert.equal(said(), "three");
  go("word", 1, true);
  assert.equal(said(), "three” four");
  go("word", 1);
  assert.equal(said(), "four");
});

test("it goes and extends sentence by sentence", () => {
  const { said, go } = cursorOn("One two. Three four five. Six.");
  go("word", 1);
  go("sentence", 1);
  assert.equal(said(), "Three");
  go("word", 1);
  go("sentence", 1, true);
  assert.equal(said(), "four five.");
  go("sentence", 1, true);
  assert.equal(said(), "four five. Six.");
  go("sentence", -1);
  assert.equal(said(), "Three");
  go("sentence", -1);
  assert.equal(said(), "One");
});

test("single characters can be added and taken away", () => {
  const { said, go } = cursorOn("Say “cafe\u0301s” now");
  go("word", 1);
  go("word", 1);
  assert.equal(said(), "cafe\u0301s");
  go("character", 1, true);
  assert.equal(said(), "cafe\u0301s”");
  for (let n = 0; n < 3; n += 1) go("character", -1, true);
  assert.equal(said(), "caf");
  for (let n = 0; n < 9; n += 1) go("character", -1, true);
  assert.equal(said(), "c");
});

test("a selection made by mouse is extended from its ends", () => {
  const { cursor, said, go } = cursorOn("One two three four.");
  cursor.place(4, 13);
  go("word", 1, true);
  assert.equal(said(), "two three four");
  cursor.place(5, 6); // within a word
  go("word", 1, true);
  assert.equal(said(), "wo three");
});

test("whatever is done, the selection is in the text and not empty", () => {
  const random = seeded(10);
  for (let round = 0; round < 300; round += 1) {
    const given = text(random);
    const boundaries = new Boundaries(given, "ru");
    const cursor = new WordCursor(boundaries);
    for (let step = 0; step < 30; step += 1) {
      cursor.move(pick(random, ["word", "word", "sentence", "character"]), pick(random, [1, -1]), random() < 0.6);
      if (!cursor.selection) {
        assert.equal(boundaries.word(0, 1), null);
        continue;
      }
      const [start, end] = cursor.selection;
      assert.ok(start >= 0 && end <= given.length && start < end, `${JSON.stringify(given)} ${start} ${end}`);
    }
  }
});
