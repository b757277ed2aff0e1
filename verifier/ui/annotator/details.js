// The strip below the text: what is in hand, and the fields by which a person's own annotation is described further.

import { button, element, shortened } from "./dom.js";

/** A note is saved after so long without a key, and at once when the field is left. */
const TYPING_MS = 1500;
const DEGREES = [1, 2, 3];

/** Shows one annotation or suggestion; edits go out through `events`. */
export class Details {
  /**
   * @param {{onChange: (id: string, content: object) => void, onWithdraw: (id: string) => void, onAccept: (id: string) => void,
   *   onReject: (id: string) => void, onLeave: () => void}} events
   */
  constructor(events) {
    this.events = events;
    this.root = element("section", { class: "cva-details", "aria-label": "Annotation in hand" });
    this.id = null;
    this.fields = {};
    this.typing = null;
    this.showNothing("");
  }

  /** @param {string} hint what can be done instead */
  showNothing(hint) {
    this.flush();
    this.id = null;
    this.fields = {};
    this.root.replaceChildren(element("p", { class: "cva-small" }, hint));
  }

  /**
   * @param {{id: string, term: string, explanation: string, counterparts: string[]}} suggestion
   * @param {string} name of the label
   * @param {boolean} readonly
   */
  showSuggestion(suggestion, name, readonly) {
    this.flush();
    this.id = suggestion.id;
    this.fields = {};
    const more = [
      suggestion.explanation,
      suggestion.counterparts?.length ? `Others write: ${suggestion.counterparts.join(", ")}.` : "",
    ];
    this.root.replaceChildren(
      element(
        "div",
        { class: "cva-row" },
        element("strong", {}, `Suggestion: ${name}`),
        element("q", { dir: "auto" }, shortened(suggestion.term)),
        ...(readonly
          ? []
          : [
              button(
                { class: "cva-button", onclick: () => this.events.onAccept(suggestion.id) },
                "Accept ",
                element("kbd", {}, "a"),
              ),
              button(
                { class: "cva-button", onclick: () => this.events.onReject(suggestion.id) },
                "Reject ",
                element("kbd", {}, "x"),
              ),
            ]),
      ),
      ...more.filter(Boolean).map((line) => element("p", { class: "cva-small" }, line)),
    );
  }

  /**
   * Show an annotation, or bring what is shown up to date without touching a field that is being written in.
   *
   * @param {import("./oplog.js").Annotation} annotation
   * @param {{codebooks: object[], name: string, editable: boolean, readonly: boolean, pending: boolean}} context
   */
  showAnnotation(annotation, context) {
    const shown = `${annotation.id} ${context.editable}`;
    if (this.id !== annotation.id || this.shown !== shown) {
      this.flush();
      this.id = annotation.id;
      this.shown = shown;
      this.#build(annotation, context);
    }
    this.title.textContent = context.name;
    this.by.textContent = [
      annotation.own ? "yours" : `by ${annotation.annotator}`,
      annotation.method === "suggestion-accepted" ? "from a suggestion" : "",
      context.pending ? "not saved yet" : "",
    ]
      .filter(Boolean)
      .join(", ");
    if (!context.editable) return;
    this.fields.label.value = keyOf(annotation);
    for (const field of ["intensity", "confidence"]) {
      for (const choice of this.fields[field].children)
        choice.setAttribute("aria-checked", String(Number(choice.dataset.value) === (annotation[field] ?? 0)));
    }
    for (const field of ["target", "note"]) {
      if (this.typing?.field !== field) this.fields[field].value = annotation[field];
    }
  }

  /** Save what is being written, now. */
  flush() {
    if (!this.typing) return;
    const { id, field, timer } = this.typing;
    clearTimeout(timer);
    this.typing = null;
    this.events.onChange(id, { [field]: this.fields[field].value });
  }

  /** @param {"target" | "note"} field */
  focus(field) {
    this.fields[field]?.focus();
  }

  #build(annotation, { codebooks, editable, readonly }) {
    this.title = element("strong");
    this.by = element("span", { class: "cva-small" });
    const head = element(
      "div",
      { class: "cva-row" },
      this.title,
      element("q", { dir: "auto" }, shortened(annotation.quote, 80)),
      this.by,
    );
    this.fields = {};
    if (!editable) {
      const facts = [
        ["Intensity", annotation.intensity],
        ["Confidence", annotation.confidence],
        ["About", annotation.target],
        ["Note", annotation.note],
      ]
        .filter(([, value]) => value)
        .map(([name, value]) => `${name}: ${value}`)
        .join(" · ");
      this.root.replaceChildren(
        head,
        element(
          "p",
          { class: "cva-small", dir: "auto" },
          facts || (readonly ? "" : "Somebody else's annotation; select the words and label them to say otherwise."),
        ),
      );
      return;
    }
    this.fields.label = element(
      "select",
      { class: "cva-field", "aria-label": "Label", onchange: () => this.#relabel(codebooks) },
      ...codebooks.map((codebook) =>
        element(
          "optgroup",
          { label: codebook.title },
          ...codebook.labels.map((label) => element("option", { value: `${codebook.id} ${label.id}` }, label.name)),
        ),
      ),
    );
    if (
      !codebooks.some(
        (codebook) => codebook.id === annotation.codebook_id && codebook.labels.some((label) => label.id === annotation.label),
      )
    ) {
      this.fields.label.append(element("option", { value: keyOf(annotation) }, annotation.label)); // of a codebook that is not in use any more
    }
    this.fields.intensity = this.#degrees("Intensity", "intensity");
    this.fields.confidence = this.#degrees("Confidence", "confidence");
    this.fields.target = this.#writing("input", "target", { type: "text", placeholder: "whom the wording is about" });
    this.fields.note = this.#writing("textarea", "note", { rows: 1, placeholder: "a note" });
    this.root.replaceChildren(
      head,
      element(
        "div",
        { class: "cva-row cva-fields" },
        named("Label", this.fields.label),
        named("Intensity", this.fields.intensity, "i"),
        named("Confidence", this.fields.confidence, "c"),
        named("About", this.fields.target, "t"),
        named("Note", this.fields.note, "e"),
        button({ class: "cva-button", onclick: () => this.events.onWithdraw(this.id) }, "Withdraw ", element("kbd", {}, "Del")),
      ),
    );
  }

  #relabel(codebooks) {
    const [codebookId, labelId] = this.fields.label.value.split(" ");
    const codebook = codebooks.find((one) => one.id === codebookId);
    if (codebook) this.events.onChange(this.id, { codebook_id: codebook.id, codebook_version: codebook.version, label: labelId });
  }

  #degrees(title, field) {
    return element(
      "div",
      { class: "cva-degrees", role: "radiogroup", "aria-label": title },
      ...[0, ...DEGREES].map((value) =>
        button(
          {
            role: "radio",
            "aria-checked": "false",
            "data-value": value,
            "aria-label": value ? String(value) : "none",
            class: "cva-degree",
            onclick: () => this.events.onChange(this.id, { [field]: value || null }),
          },
          value ? String(value) : "–",
        ),
      ),
    );
  }

  #writing(tag, field, attributes) {
    return element(tag, {
      ...attributes,
      class: "cva-field",
      dir: "auto",
      "aria-label": field === "target" ? "About" : "Note",
      oninput: () => {
        clearTimeout(this.typing?.timer);
        this.typing = { id: this.id, field, timer: setTimeout(() => this.flush(), TYPING_MS) };
      },
      onblur: () => this.flush(),
      onkeydown: (event) => {
        if (event.key !== "Escape" && !(event.key === "Enter" && tag === "input")) return;
        event.preventDefault();
        event.stopPropagation();
        this.flush();
        this.events.onLeave();
      },
    });
  }
}

function named(title, field, key = "") {
  return element(
    "span",
    { class: "cva-named" },
    element(
      "span",
      { class: "cva-small", "aria-hidden": "true" },
      title,
      key ? " " : "",
      ...(key ? [element("kbd", {}, key)] : []),
    ),
    field,
  );
}

function keyOf(annotation) {
  return `${annotation.codebook_id} ${annotation.label}`;
}
