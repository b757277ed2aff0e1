import assert from "node:assert/strict";
import { test } from "node:test";

import { filtered } from "../../verifier/ui/annotator/palette.js";

const label = (id, name, group = "", definition = "") => ({ id, name, group, definition });
const BOOKS = [
  {
    id: "w",
    title: "Wording",
    labels: [
      label("loaded", "loaded language", "Emotion", "Words that judge."),
      label("us", "us versus them", "Emotion"),
      label("wire", "wired talk"),
    ],
  },
  {
    id: "o",
    title: "Origin",
    labels: [label("news", "news wire", "Sources"), label("cafe", "café talk"), label("fear", "Звернення до страху")],
  },
];
const names = (query) => filtered(BOOKS, query).map((item) => item.label.name);

test("without a query all labels of all codebooks are there, in their order", () => {
  assert.deepEqual(names("  "), [
    "loaded language",
    "us versus them",
    "wired talk",
    "news wire",
    "café talk",
    "Звернення до страху",
  ]);
});

test("names that begin so come first, then names, groups and codebooks, then definitions", () => {
  assert.deepEqual(names("wire"), ["wired talk", "news wire"]);
  assert.deepEqual(names("emotion us"), ["us versus them"]);
  assert.deepEqual(names("origin talk"), ["café talk"]);
  assert.deepEqual(names("judge"), ["loaded language"]);
  assert.deepEqual(names("nothing like it"), []);
});

test("neither case nor accents matter", () => {
  assert.deepEqual(names("CAFE"), ["café talk"]);
  assert.deepEqual(names("СТРАХ"), ["Звернення до страху"]);
});
