// Random texts and choices, the same in each run.

/** @param {number} seed @returns {() => number} numbers from 0 to 1 (mulberry32, public domain) */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick(random, from) {
  return from[Math.floor(random() * from.length)];
}

const SNIPPETS = [
  "мир",
  "Лихтенау",
  "ї",
  "word",
  " ",
  " ",
  " ",
  "\n",
  "\r\n",
  "\n\n",
  "\r",
  "\t",
  "é",
  "e\u0301",
  "й",
  "и\u0306",
  "😀",
  "👨\u200d👩\u200d👧",
  "🇺🇦",
  "👍🏽",
  "النقاد",
  "كارثة",
  " (",
  ")",
  ". ",
  "«",
  "»",
  "—",
  "3,5",
  "\u00a0",
  "\u200f",
  "क्षि",
  "한",
  "漢字",
  "𝒳",
  "\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}",
  "",
];

/** A text of what usually breaks offsets: characters beyond the BMP, combining marks, joiners, line breaks, both directions. */
export function text(random, pieces = 25) {
  return Array.from({ length: Math.floor(random() * pieces) }, () => pick(random, SNIPPETS)).join("");
}
