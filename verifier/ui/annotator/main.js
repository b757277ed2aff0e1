// The annotator: one controller an element, brought up to date each time Streamlit has new data.

import { baseOf, combined, whenBaseArrives } from "./base.js";
import { Delivery } from "./delivery.js";
import { Details } from "./details.js";
import { element, shortened } from "./dom.js";
import { commandOf, isTyping, WordCursor } from "./keyboard.js";
import { Marks } from "./marks.js";
import { Boundaries, OffsetMap } from "./offsets.js";
import { Palette } from "./palette.js";
import { Bar, Help, Refusals } from "./panels.js";
import { TextView } from "./textview.js";

const HINT = "Select words by mouse, touch or the arrow keys; then a key or a label. Press ? for all keys.";
const FAILURES = {
  "no-words": "Select some words first.",
  readonly: "This document can only be read.",
  foreign: "Only its author can change that.",
};

/** Connects data, operations, text and panels. */
class Controller {
  constructor(host) {
    this.host = host;
    this.listening = new AbortController();
    this.data = null;
    this.codebooks = [];
    this.used = 0;
    /** @type {[number, number] | null} the words selected, in UTF-16 units */
    this.selected = null;
    /** @type {string | null} id of the mark in hand */
    this.hand = null;
    this.since = performance.now();
    this.#build();
    this.#listen();
  }

  /** Take what Streamlit has sent; called whenever it is different. */
  update({ data: live, setStateValue }) {
    this.sent = { data: live, setStateValue };
    const base = baseOf(live.base);
    if (!base) return; // it is drawn when that arrives
    const data = combined(base, live);
    if (this.delivery?.annotator !== data.annotator) this.#begin(data.annotator);
    this.delivery.connect(setStateValue);
    this.#show(data);
  }

  /** Let somebody else work here: what the person before could not deliver waits for that person. */
  #begin(annotator) {
    this.details.flush();
    this.delivery?.close();
    this.data = null;
    this.delivery = new Delivery(annotator, { onRecovered: (touched, count) => this.#recovered(touched, count) });
    this.log = this.delivery.log;
  }

  #show(data) {
    const before = this.data;
    const other = before?.document.id !== data.document.id || before.document.sha256 !== data.document.sha256;
    if (other) this.details.flush(); // what is being written belongs to the document before
    this.data = data;
    if (other) this.#openDocument();
    const scheme = JSON.stringify([data.codebooks, data.readonly]);
    if (other || scheme !== this.scheme) this.#showCodebooks();
    this.scheme = scheme;
    const touched = this.log.receive(data.annotations, data.answers ?? []);
    this.marks.suggestions = new Map(data.hidden ? [] : (data.suggestions ?? []).map((one) => [one.id, one]));
    this.delivery.save();
    this.marks.place(touched, this.log.current, this.data.hidden);
    this.bar.hint.textContent = [data.readonly ? "Read only." : "", data.hidden ? "Blind: what others labelled is hidden." : ""]
      .join(" ")
      .trim();
    this.#refresh();
    if (other) this.delivery.recover().catch(() => {});
  }

  /** Let go of everything; called when Streamlit takes the element away. */
  close() {
    this.details.flush();
    this.delivery?.close();
    this.listening.abort();
    globalThis.CSS?.highlights?.delete("cva-selected");
  }

  #build() {
    this.text = element("div", {
      class: "cva-text",
      tabindex: 0,
      role: "textbox",
      "aria-readonly": "true",
      "aria-multiline": "true",
      "aria-label": "Text to annotate",
      "aria-describedby": "cva-hint",
    });
    this.view = new TextView(this.text);
    this.marks = new Marks(this.view);
    this.bar = new Bar({
      onLabel: (label) => this.#label(this.codebooks[this.used], label),
      onCodebook: (number) => this.#useCodebook(number),
      onPalette: () => this.#openPalette(),
      onHelp: () => this.help.toggle(),
    });
    this.palette = new Palette({ onPick: (codebook, label) => this.#label(codebook, label), onClose: () => this.#backToText() });
    this.details = new Details({
      onChange: (id, content) => this.#change(id, content),
      onWithdraw: (id) => this.#withdraw(id),
      onAccept: (id) => this.#decide(id, "suggestion-accepted"),
      onReject: (id) => this.#decide(id, "suggestion-rejected"),
      onLeave: () => this.#backToText(),
    });
    this.refusals = new Refusals({ onDismiss: (opId) => this.#dismiss(opId) });
    this.help = new Help({ onClose: () => this.help.toggle() });
    this.live = element("p", { class: "cva-live", "aria-live": "polite" });
    this.host.replaceChildren(
      this.bar.root,
      this.refusals.root,
      this.help.root,
      element("div", { class: "cva-stage" }, this.text, this.palette.root),
      this.live,
      this.details.root,
      element("p", { id: "cva-hint", class: "cva-hidden" }, HINT),
    );
  }

  #listen() {
    const on = (target, event, act, options = {}) =>
      target.addEventListener(event, act, { signal: this.listening.signal, ...options });
    on(this.host, "keydown", (event) => this.#key(event));
    on(document, "selectionchange", () => this.#selectionChanged());
    on(this.text, "pointerdown", (event) => this.#takeHold(event));
    for (const event of ["pointerup", "pointercancel"]) on(window, event, () => this.#letGo(), { capture: true });
    // The button may have been let go outside of the window.
    on(this.text, "pointermove", (event) => event.buttons === 0 && this.view.held && this.#letGo());
    on(this.text, "click", (event) => this.#click(event));
    on(window, "beforeunload", (event) => {
      this.details.flush();
      if (this.log?.pending.length) event.preventDefault();
    });
    on(window, "pagehide", () => {
      this.details.flush();
      this.delivery?.save();
    });
    on(document, "visibilitychange", () => document.hidden && this.details.flush());
    on(window, "online", () => this.delivery?.send());
    whenBaseArrives(() => this.sent && this.update(this.sent), this.listening.signal);
  }

  // --- what is shown -------------------------------------------------------------------------------------------------------------

  #openDocument() {
    const { document: shown, annotator } = this.data;
    this.details.showNothing(HINT);
    this.boundaries = new Boundaries(shown.text, shown.language);
    this.cursor = new WordCursor(this.boundaries);
    this.selected = this.hand = null;
    const idle = document.activeElement === document.body && this.host.dataset.document;
    this.view.setText(shown.text, shown.language, shown.direction);
    this.marks.setText(new OffsetMap(shown.text));
    this.log.open(shown, annotator);
    this.host.dataset.document = shown.id;
    if (idle) this.text.focus({ preventScroll: true });
    this.marks.place(this.log.current.keys(), this.log.current, this.data.hidden);
  }

  #showCodebooks() {
    const used = this.codebooks[this.used]?.id;
    this.codebooks = this.marks.setCodebooks(this.data.codebooks);
    this.used = Math.max(
      0,
      this.codebooks.findIndex((codebook) => codebook.id === used),
    );
    this.bar.show(this.codebooks, this.used, this.data.readonly);
    this.palette.set(this.codebooks);
    this.marks.place(this.log.current.keys(), this.log.current, this.data.hidden);
  }

  /** Draw, and bring panels and figures up to date. */
  #refresh() {
    if (this.hand !== null && !this.view.marks.has(this.hand)) this.hand = null;
    this.view.draw();
    this.view.emphasise(this.hand);
    this.#showSelected();
    this.#showDetails();
    this.refusals.show(this.log.rejected, (op) => this.marks.labelOf(op).name);
    this.bar.showUnsaved(this.log.pending.length, this.delivery.kept);
    Object.assign(this.host.dataset, {
      pending: this.log.pending.length,
      rejected: this.log.rejected.length,
      annotations: this.log.current.size,
      suggestions: this.marks.open.size,
      client: this.delivery.clientId,
      hand: this.hand ?? "",
      selected: this.selected ? this.selected.map((unit) => this.marks.offsets.toPoint(unit)).join("-") : "",
    });
  }

  #showDetails() {
    const annotation = this.hand === null ? null : this.log.current.get(this.hand);
    const suggestion = this.hand === null ? null : this.marks.suggestions.get(this.hand);
    if (annotation) {
      const editable = annotation.own && !this.data.readonly;
      this.details.showAnnotation(annotation, {
        codebooks: this.codebooks,
        name: this.marks.labelOf(annotation).name,
        editable,
        readonly: this.data.readonly,
        pending: this.log.isPending(annotation.id),
      });
    } else if (suggestion)
      this.details.showSuggestion(
        { ...suggestion, term: this.#quote(this.marks.unitsOf(suggestion)) },
        this.marks.labelOf(suggestion).name,
        this.data.readonly,
      );
    else if (this.details.id !== null) this.details.showNothing(HINT);
  }

  /** Keep the selected words visible as such, also while the focus is in a field. */
  #showSelected() {
    const highlights = globalThis.CSS?.highlights;
    if (!highlights || typeof Highlight === "undefined") return;
    if (this.selected) highlights.set("cva-selected", new Highlight(this.view.rangeOf(...this.selected)));
    else highlights.delete("cva-selected");
  }

  // --- hands on ------------------------------------------------------------------------------------------------------------------

  #key(event) {
    if (!this.data) return;
    if (!isTyping(event)) this.#selectionChanged(); // its event may come after that of the key
    const context = {
      labels: this.codebooks[this.used]?.labels ?? [],
      selected: this.selected !== null,
      marked: this.hand !== null,
      rightToLeft: this.data.document.direction === "rtl",
    };
    const command = commandOf(event, context);
    if (!command) return;
    const inText = this.text.contains(event.target);
    if (!inText && (command.name === "move" || command.leaves || command.name === "withdraw")) return;
    if (this.#obey(command) === false) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own, such as c
  }

  /** @returns {false | void} false where the key shall do what it does anyway */
  #obey(command) {
    const act = {
      label: () => this.#label(this.codebooks[this.used], command.label),
      move: () => this.#move(command),
      palette: () => this.#openPalette(),
      codebook: () => this.#useCodebook(this.used + command.step),
      next: () => this.#walk(1, command.leaves),
      previous: () => this.#walk(-1, command.leaves),
      "next-suggestion": () => this.#walk(1, false, this.marks.open),
      accept: () => this.#decideInHand("suggestion-accepted"),
      reject: () => this.#decideInHand("suggestion-rejected"),
      withdraw: () => (this.hand === null ? false : this.#withdraw(this.hand)),
      intensity: () => this.#turn("intensity"),
      confidence: () => this.#turn("confidence"),
      target: () => this.details.focus("target"),
      note: () => this.details.focus("note"),
      undo: () => this.#takeBack(this.log.undo(), "Undone", "Nothing to undo."),
      redo: () => this.#takeBack(this.log.redo(), "Done again", "Nothing to do again."),
      help: () => void this.help.toggle(),
      escape: () => this.#escape(),
    };
    return act[command.name]();
  }

  #selectionChanged() {
    if (!this.data) return;
    const raw = this.view.selection();
    if (raw) {
      const snapped = this.boundaries.snap(...raw);
      if (snapped && !(this.selected?.[0] === snapped[0] && this.selected?.[1] === snapped[1])) this.#select(snapped);
    } else if (this.selected && this.view.caret() !== null && document.activeElement === this.text) {
      this.selected = null;
      this.cursor.clear();
      this.#refresh();
    }
  }

  #select(range) {
    this.selected = range;
    this.cursor.place(...range);
    this.hand = null;
    this.since = performance.now();
    this.view.emphasise(null);
    this.#showSelected();
    this.#showDetails();
    this.host.dataset.selected = range.map((unit) => this.marks.offsets.toPoint(unit)).join("-");
    this.host.dataset.hand = "";
  }

  #takeHold(event) {
    this.view.hold();
    // Else the mouse would drag the selected words away, where a person wants to select some of them.
    if (event.pointerType === "mouse" && event.button === 0 && !event.shiftKey) document.getSelection().removeAllRanges();
  }

  #letGo() {
    if (!this.view.held) return;
    this.view.release();
    // Draw after the browser has settled what is selected.
    setTimeout(() => {
      this.view.draw();
      this.#showSelected();
    }, 0);
  }

  #click(event) {
    if (this.view.selection()) return;
    const ids = this.view.marksAt(event.target);
    if (!ids.length) {
      if (this.hand !== null) this.#take(null);
      return;
    }
    const at = ids.indexOf(this.hand); // a second click takes the next of the marks that overlap there
    this.#take(ids[(at + 1) % ids.length]);
  }

  #move({ unit, step, extend }) {
    const from = this.hand === null ? this.view.caret() || this.view.firstVisible() : this.view.marks.get(this.hand).start;
    const range = this.cursor.move(unit, step, extend, from);
    if (!range) return;
    this.#select(range);
    this.view.select(...range);
    this.view.reveal(...(step > 0 ? [Math.max(range[0], range[1] - 1), range[1]] : range));
    this.#say(`${this.#quote({ start: range[0], end: range[1] })}`);
  }

  /** Take a mark in hand, or none. */
  #take(id) {
    this.details.flush();
    this.hand = id !== null && this.view.marks.has(id) ? id : null;
    this.selected = null;
    this.cursor.clear();
    this.since = performance.now();
    this.view.collapse();
    this.#refresh();
    if (this.hand === null) return;
    const mark = this.view.marks.get(this.hand);
    this.view.reveal(mark.start, mark.end);
    this.#say(`${mark.title}: “${this.#quote(mark)}”`);
  }

  #walk(step, leaves, among = null) {
    const from = this.selected?.[0] ?? this.view.caret() ?? this.view.firstVisible();
    const next = this.marks.walk(this.hand, from, step, among);
    if (next?.wrapped && leaves) return false;
    if (next) this.#take(next.id);
    else this.#say(among ? "No suggestion is open." : "Nothing is marked.");
    return undefined;
  }

  #escape() {
    if (!this.help.root.hidden) return void this.help.toggle();
    if (this.selected === null && this.hand === null) return false;
    this.#take(null);
    return undefined;
  }

  #useCodebook(number) {
    if (!this.codebooks.length) return;
    this.used = (number + this.codebooks.length) % this.codebooks.length;
    this.bar.show(this.codebooks, this.used, this.data.readonly);
    this.#say(`Codebook: ${this.codebooks[this.used].title}`);
  }

  #openPalette() {
    const range = this.#range();
    this.palette.open(range ? shortened(this.#quote(range)) : "");
  }

  #backToText() {
    this.text.focus({ preventScroll: true });
    if (this.selected) this.view.select(...this.selected);
  }

  #say(what) {
    this.live.textContent = what;
  }

  // --- edits ---------------------------------------------------------------------------------------------------------------------

  /** What a label would be given to: the words selected, else those of the mark in hand. */
  #range() {
    if (this.selected) return { start: this.selected[0], end: this.selected[1] };
    return this.hand === null ? null : this.view.marks.get(this.hand);
  }

  #label(codebook, label) {
    const range = this.#range();
    if (this.data.readonly) return this.#say(FAILURES.readonly);
    if (!range) return this.#say(FAILURES["no-words"]);
    const suggestion = this.selected ? null : this.marks.suggestions.get(this.hand);
    if (suggestion && suggestion.codebook_id === codebook.id && suggestion.label === label.id)
      return this.#decide(suggestion.id, "suggestion-accepted");
    const content = {
      start: this.marks.offsets.toPoint(range.start),
      end: this.marks.offsets.toPoint(range.end),
      quote: this.#quote(range),
      level: "span",
      codebook_id: codebook.id,
      codebook_version: codebook.version,
      label: label.id,
    };
    const { op, id } = this.log.give(content, codebook.multiple !== false, this.#took());
    if (op) return this.#commit(op, `Labelled “${shortened(content.quote)}” as ${label.name}.`);
    this.hand = id;
    this.#refresh();
    return this.#say(`“${shortened(content.quote)}” is labelled ${label.name} already.`);
  }

  #decideInHand(method) {
    if (this.marks.open.has(this.hand)) return this.#decide(this.hand, method);
    const range = this.#range();
    const there =
      range &&
      [...this.marks.open].find((id) => this.view.marks.get(id).start < range.end && range.start < this.view.marks.get(id).end);
    return there ? this.#decide(there, method) : this.#walk(1, false, this.marks.open);
  }

  #decide(id, method) {
    if (this.data.readonly) return this.#say(FAILURES.readonly);
    const { start, end, codebook_id, label } = this.marks.suggestions.get(id);
    const codebook_version = this.data.codebooks.find((one) => one.id === codebook_id)?.version ?? "";
    const quote = this.#quote(this.marks.unitsOf({ start, end }));
    const content = { start, end, quote, level: "span", codebook_id, codebook_version, label, method };
    const op = this.log.add(content, { suggestion_id: id, ...this.#took() });
    const accepted = method === "suggestion-accepted";
    this.#commit(op, `${accepted ? "Accepted" : "Rejected"}: ${this.marks.labelOf(op).name}, “${shortened(quote)}”.`);
    if (!accepted && this.marks.open.size) this.#walk(1, false, this.marks.open);
    return undefined;
  }

  #change(id, content) {
    if (this.data.readonly) return;
    const op = this.log.change(id, content, this.#took());
    if (op) this.#commit(op, "Changed.", { hand: this.hand, soon: true });
  }

  #turn(field) {
    const annotation = this.hand === null ? null : this.log.current.get(this.hand);
    if (!annotation?.own) return this.#say(annotation ? FAILURES.foreign : FAILURES["no-words"]);
    const next = { 1: 2, 2: 3, 3: null }[annotation[field]];
    this.#change(this.hand, { [field]: annotation[field] === null ? 1 : next });
    return this.#say(`${field}: ${this.log.current.get(this.hand)[field] ?? "none"}`);
  }

  #withdraw(id) {
    const annotation = this.log.current.get(id);
    if (!annotation) return undefined;
    if (!annotation.own || this.data.readonly) return this.#say(annotation.own ? FAILURES.readonly : FAILURES.foreign);
    const said = `Withdrawn: ${this.marks.labelOf(annotation).name}. Ctrl+Z brings it back.`;
    return this.#commit(this.log.withdraw(id, this.#took()), said);
  }

  #takeBack(op, done, nothing) {
    if (!op) return this.#say(nothing);
    const what = { add: "added", change: "changed", withdraw: "withdrawn" }[op.kind];
    return this.#commit(op, `${done}: ${what} ${this.marks.labelOf(op).name}, “${shortened(op.quote)}”.`);
  }

  #commit(op, said, { hand = op.annotation_id, soon = false } = {}) {
    this.hand = hand;
    this.marks.place([op.annotation_id], this.log.current, this.data.hidden);
    this.delivery.save();
    this.#refresh();
    this.#say(said);
    this.since = performance.now();
    if (soon) this.delivery.sendSoon();
    else this.delivery.send();
  }

  #dismiss(opId) {
    this.log.dismiss(opId);
    this.delivery.save();
    this.#refresh();
  }

  #recovered(touched, count) {
    if (!this.data) return;
    this.marks.place(touched, this.log.current, this.data.hidden);
    this.#refresh();
    if (count) this.#say(`${count} unsaved ${count === 1 ? "edit" : "edits"} of a closed tab taken over.`);
  }

  /** How long the person took since the words or the mark were chosen. */
  #took() {
    return { duration_ms: performance.now() - this.since };
  }

  #quote({ start, end }) {
    return this.data.document.text.slice(start, end);
  }
}

/** Called by Streamlit at first and then whenever the data change; only the last function returned is called, at the end. */
export default function annotator({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector(".cva");
  // On the element itself, as the module may be loaded anew.
  host.annotatorController ??= new Controller(host);
  host.annotatorController.update({ data, setStateValue });
  return () => {
    host.annotatorController?.close();
    delete host.annotatorController;
  };
}
