"""What a reader of Markdown and YAML makes of the model card of models whose names and files mean harm.

    python zoo/reference/cards/make.py

renders card.txt, which workers/engine/exporting/hostile-card.test.ts holds the studio's card to, with markdown-it (HTML
let through, tables on) and its front matter with PyYAML, and writes rendered.json: the elements, and the texts in them.
"""

import json
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

here = Path(__file__).parent
_, matter, body = (here / "card.txt").read_text().split("---\n", 2)


class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.elements, self.texts, self.open = [], [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append([tag, sorted(name for name, _ in attributes)])
        if tag in ("h1", "li", "td", "p"):
            self.open.append("")

    def handle_endtag(self, tag):
        if tag in ("h1", "li", "td", "p"):
            self.texts.append(self.open.pop())

    def handle_data(self, text):
        if self.open:
            self.open[-1] += text

    def handle_comment(self, _):
        self.elements.append(["comment", []])


reader = Reader()
reader.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(body))
elements = sorted({json.dumps(element) for element in reader.elements})
out = {
    "made_with": {"markdown-it-py": version("markdown-it-py"), "pyyaml": yaml.__version__},
    "front_matter": yaml.safe_load(matter),
    "elements": [json.loads(element) for element in elements],
    "texts": reader.texts,
}
(here / "rendered.json").write_text(json.dumps(out, indent=1, ensure_ascii=True) + "\n")
print(json.dumps(out, indent=1))
