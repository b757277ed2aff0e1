"""What a person does at the annotator's test page."""

from __future__ import annotations

import time

from browser_annotator.app_texts import TEXTS

SETTLES_WITHIN_S = 40
PLACES = """([needle, until]) => {
  const text = document.querySelector(".cva-text"), nodes = [];
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let whole = "";
  while (walker.nextNode()) { nodes.push([whole.length, walker.currentNode]); whole += walker.currentNode.data; }
  const box = (at) => {
    const [start, node] = nodes.findLast(([start]) => start <= at), range = document.createRange();
    let end = at - start + 1;
    if (/[\\ud800-\\udbff]/.test(whole[at])) end += 1;
    range.setStart(node, at - start);
    range.setEnd(node, Math.min(node.length, end));
    node.parentElement.scrollIntoView({ block: "nearest" });
    const { left, right, top, bottom } = range.getBoundingClientRect();
    return { left, right, top, bottom };
  };
  const first = whole.indexOf(needle), last = whole.indexOf(until, first) + until.length - 1;
  return { whole, first: box(first), last: box(/[\\udc00-\\udfff]/.test(whole[last]) ? last - 1 : last) };
}"""

AT_REST = """async () => {
  await document.fonts.ready;
  const place = () => JSON.stringify(document.querySelector(".cva-text").getBoundingClientRect());
  for (let before = "", same = 0; same < 8; before = place()) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    same = place() === before ? same + 1 : 0;
  }
}"""
"""Until the page has stopped moving: a place measured before is not where the mouse arrives."""


class Desk:
    """A person at a tab."""

    def __init__(self, context, server, **query):
        self.server, self.query = server, {"doc": "en", **query}
        self.page = context.new_page()
        self.broken = []
        self.page.on("pageerror", lambda error: self.broken.append(str(error)))
        self.open()

    def open(self):
        query = "&".join(f"{key}={value}" for key, value in self.query.items())
        self.page.goto(f"{self.server.address}/?{query}")
        self.ready()

    def ready(self):
        self.page.locator(".cva[data-pending]").wait_for(state="attached")
        self.page.evaluate(AT_REST)

    @property
    def text(self):
        return self.page.locator(".cva-text")

    def state(self, name):
        return self.page.locator(".cva").get_attribute(f"data-{name}")

    def said(self):
        return self.page.locator(".cva-live").inner_text()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def drag(self, needle, *, until=None, rtl=False):
        """Select with the mouse from the first character of one string to the last of another."""
        places = self.page.evaluate(PLACES, [needle, until or needle])
        first, last = places["first"], places["last"]
        x0, x1 = (first["right"] - 1, last["left"] + 1) if rtl else (first["left"] + 1, last["right"] - 1)
        y0, y1 = (first["top"] + first["bottom"]) / 2, (last["top"] + last["bottom"]) / 2
        mouse = self.page.mouse
        mouse.move(x0, y0)
        mouse.down()
        mouse.move((x0 + x1) / 2, (y0 + y1) / 2, steps=3)
        mouse.move(x1, y1, steps=4)
        mouse.up()
        self.page.wait_for_function("document.querySelector('.cva').dataset.selected")

    def click(self, needle):
        place = self.page.evaluate(PLACES, [needle, needle])["first"]
        self.page.mouse.click((place["left"] + place["right"]) / 2, (place["top"] + place["bottom"]) / 2)

    def saved(self, count=None):
        """Wait until nothing is pending and so many operations are committed; return them."""
        until = time.monotonic() + SETTLES_WITHIN_S
        while time.monotonic() < until:
            ops = self.ops()
            if self.state("pending") == "0" and (count is None or len(ops) >= count):
                break
            time.sleep(0.05)
        assert self.state("pending") == "0"
        assert count is None or len(ops) == count, ops
        return ops

    def ops(self):
        return self.server.ops(self.query["doc"], self.query["user"])

    def close(self):
        self.page.close()
        assert self.broken == []


def exact(ops):
    """Check that every operation quotes its text; returns labels and quotes."""
    for op in ops:
        text = TEXTS[op["document_id"]][1]
        assert text[op["start"] : op["end"]] == op["quote"]
    return [(op["label"], op["quote"]) for op in ops]
