// Making elements. Text from outside only ever goes in as text or as the value of an attribute; nothing is parsed as HTML.

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `class`, `on…` handlers and any attribute; those that are null, undefined or false are left out
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/**
 * A button that leaves focus and selection where they are, so that it can act on them.
 *
 * @param {Record<string, any>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLButtonElement}
 */
export function button(attributes, ...children) {
  return element("button", { type: "button", onmousedown: (event) => event.preventDefault(), ...attributes }, ...children);
}

/**
 * Shorten a quotation for one line of the screen or of speech.
 *
 * @param {string} text
 * @param {number} [length] in code points
 * @returns {string}
 */
export function shortened(text, length = 60) {
  const line = [...text.replace(/\s+/g, " ").trim()];
  return line.length <= length ? line.join("") : `${line.slice(0, length - 1).join("")}…`;
}
