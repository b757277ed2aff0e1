// Which annotations and suggestions are marks in the text, what each looks like, and in which order one walks through them.

/** For labels without a colour of their own; chosen to be told apart by most colour-blind people (Okabe and Ito, 2008). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f00", "#8a5a9e", "#a0522d"];

/** Puts marks into a view and takes them out; draws nothing itself. */
export class Marks {
  /** @param {import("./textview.js").TextView} view */
  constructor(view) {
    this.view = view;
    this.labels = new Map();
    this.offsets = null;
    /** @type {Map<string, object>} all suggestions, by id */
    this.suggestions = new Map();
    /** @type {Set<string>} ids of those that wait for a decision */
    this.open = new Set();
    this.ordered = null;
  }

  /**
   * Turn to another text, which has no marks yet.
   *
   * @param {import("./offsets.js").OffsetMap} offsets
   */
  setText(offsets) {
    this.offsets = offsets;
    this.open = new Set();
    this.ordered = null;
  }

  /**
   * @param {object[]} codebooks
   * @returns {object[]} what can be given: codebooks with the labels for spans. Retired labels and those for sentences or documents
   *   only are known from here on by name, but not among them.
   */
  setCodebooks(codebooks) {
    const coloured = codebooks.map((codebook) => ({
      ...codebook,
      labels: codebook.labels.map((label, number) => ({ ...label, colour: label.colour || COLOURS[number % COLOURS.length] })),
    }));
    this.labels = new Map(coloured.flatMap((one) => one.labels.map((label) => [`${one.id} ${label.id}`, label])));
    return coloured
      .map((codebook) => ({ ...codebook, labels: codebook.labels.filter((label) => label.givable !== false) }))
      .filter((codebook) => codebook.labels.length);
  }

  /**
   * @param {{codebook_id: string, label: string}} of
   * @returns {{name: string, colour: string}}
   */
  labelOf({ codebook_id, label }) {
    return this.labels.get(`${codebook_id} ${label}`) ?? { name: label, colour: COLOURS[0] };
  }

  /**
   * @param {{start: number, end: number}} place in code points
   * @returns {{start: number, end: number}} in UTF-16 units
   */
  unitsOf({ start, end }) {
    return { start: this.offsets.toUnit(start), end: this.offsets.toUnit(end) };
  }

  /**
   * Put the marks of annotations that look different now.
   *
   * @param {Iterable<string>} ids
   * @param {Map<string, import("./oplog.js").Annotation>} annotations that stand
   * @param {boolean} hidden whether what others have labelled stays hidden
   */
  place(ids, annotations, hidden) {
    for (const id of ids) {
      const annotation = annotations.get(id);
      if (annotation && isShown(annotation, hidden)) this.view.put(this.#markOf(annotation));
      else this.view.remove(id);
    }
    this.ordered = null;
    this.#placeSuggestions(annotations);
  }

  /** The suggestions that this person has neither accepted nor rejected, nor labelled so by hand. */
  #placeSuggestions(annotations) {
    if (!this.suggestions.size && !this.open.size) return;
    const decided = new Set();
    for (const one of annotations.values()) if (one.own) decided.add(placeKey(one));
    const open = new Set();
    for (const [id, suggestion] of this.suggestions) if (!decided.has(placeKey(suggestion))) open.add(id);
    for (const id of this.open) if (!open.has(id)) this.view.remove(id);
    for (const id of open) {
      if (this.open.has(id)) continue;
      const suggestion = this.suggestions.get(id);
      const label = this.labelOf(suggestion);
      const title = `Suggestion: ${label.name} – ${suggestion.explanation || suggestion.term}`;
      this.view.put({ id, kind: "suggestion", colour: label.colour, ...this.unitsOf(suggestion), tag: `${label.name}?`, title });
    }
    this.open = open;
  }

  /**
   * Find the mark to go to.
   *
   * @param {string | null} hand id of the mark in hand
   * @param {number} from where to begin without one, in UTF-16 units
   * @param {1 | -1} step
   * @param {Set<string> | null} [among] ids of the marks that count; null for all
   * @returns {{id: string, wrapped: boolean} | null} `wrapped`: whether the end of the text was passed; null where nothing is marked
   */
  walk(hand, from, step, among = null) {
    this.ordered ??= [...this.view.marks.values()].sort(
      (one, other) => one.start - other.start || one.end - other.end || (one.id < other.id ? -1 : 1),
    );
    const order = among ? this.ordered.filter((mark) => among.has(mark.id)) : this.ordered;
    if (!order.length) return null;
    const at = order.findIndex((mark) => mark.id === hand);
    const begin = this.view.marks.get(hand)?.start ?? from;
    let next;
    if (at >= 0) next = order[at + step];
    else next = step > 0 ? order.find((mark) => mark.start >= begin) : order.findLast((mark) => mark.start < begin);
    return { id: (next ?? (step > 0 ? order[0] : order.at(-1))).id, wrapped: !next };
  }

  #markOf(annotation) {
    const label = this.labelOf(annotation);
    const { own, annotator } = annotation;
    const more = [
      annotation.intensity && `intensity ${annotation.intensity}`,
      annotation.target && `about ${annotation.target}`,
      annotation.note && `note: ${annotation.note}`,
    ].filter(Boolean);
    return {
      id: annotation.id,
      kind: own ? "own" : "other",
      colour: label.colour,
      ...this.unitsOf(annotation),
      tag: own ? label.name : `${annotator}: ${label.name}`,
      title: `${label.name} (${own ? "yours" : annotator})${more.length ? ` – ${more.join(", ")}` : ""}`,
    };
  }
}

function isShown(annotation, hidden) {
  return annotation.method !== "suggestion-rejected" && annotation.level !== "document" && (annotation.own || !hidden);
}

function placeKey(one) {
  return `${one.start} ${one.end} ${one.codebook_id} ${one.label}`;
}
