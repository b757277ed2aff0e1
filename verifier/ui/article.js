// An article whose sentences can be picked. All text goes in as text nodes; no string from outside is ever parsed as HTML.
// Streamlit calls the function again whenever `data` changes.

export default function article({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".cv-article");
  const hadFocus = host.contains(document.activeElement);
  host.dir = data.direction;
  host.lang = data.language;
  host.replaceChildren(...data.pieces.map((piece) => draw(piece, setTriggerValue)));

  const selected = host.querySelector('[aria-pressed="true"]');
  if (!selected) return;
  if (hadFocus) selected.focus({ preventScroll: true });
  if (host.dataset.shown !== data.selected) selected.scrollIntoView({ block: "center" });
  host.dataset.shown = data.selected;
}

function draw(piece, setTriggerValue) {
  if (!piece.id) return document.createTextNode(piece.text);
  const sentence = document.createElement("span");
  sentence.className = piece.labels.length ? "cv-sentence cv-labelled" : "cv-sentence";
  sentence.role = "button";
  sentence.tabIndex = 0;
  sentence.dataset.sentence = piece.id;
  sentence.setAttribute("aria-pressed", String(piece.selected));
  for (const part of piece.parts) {
    const text = document.createTextNode(part.text);
    if (part.suggested) {
      const mark = document.createElement("span");
      mark.className = "cv-suggested";
      mark.append(text);
      sentence.append(mark);
    } else {
      sentence.append(text);
    }
  }
  if (piece.labels.length) {
    sentence.title = piece.labels.join(", ");
    sentence.dataset.count = String(piece.labels.length); // drawn by the style sheet, so that copied text stays the text
  }
  const pick = () => setTriggerValue("picked", piece.id);
  sentence.onclick = pick;
  sentence.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pick();
  };
  return sentence;
}
