"""Token sequences: `<bos>` content prompt `:` answer `<eos>`, with the loss on the answer only.

Content is an image (16 `<image>` tokens between wrapper tokens) or text. Text is mostly put in the image's own
form, 16 cells between the wrapper tokens, so that a cell stands at the same position in both; the rest is plain
text, left-justified or with blanks.
"""

from dataclasses import dataclass

import numpy as np
import torch

from .tasks import Sample
from .vocab import BOS_ID, COLON_ID, EOS_ID, FAKE, GLOBAL, ID, IMAGE_ID, PAD_ID, encode

IMAGE_CONTENT = [ID[FAKE], ID[GLOBAL], *[IMAGE_ID] * 16, ID[FAKE]]


@dataclass
class Sequence:
    """Ids of one training sequence; the loss starts at index `loss_from`."""

    ids: list[int]
    loss_from: int


def prompt_ids(prompt: str) -> list[int]:
    """Ids of e.g. "read" or "has 3", with the colon that asks for the answer."""
    word, _, rest = prompt.partition(" ")
    return [ID[word], *([ID[" "], *encode(rest)] if rest else []), COLON_ID]


def wrapped(cells: list[str] | tuple[str, ...]) -> list[int]:
    return [ID[FAKE], ID[GLOBAL], *(ID[cell] for cell in cells), ID[FAKE]]


def text_content(sample: Sample, rng: np.random.Generator, plain: float) -> list[int]:
    """`plain`: the share of unwrapped content. The ink, which text does not have, is a word in a blank cell."""
    cells = list(sample.cells)
    if sample.task == "ink":
        blanks = [i for i, cell in enumerate(cells) if cell == " "]
        cells[int(rng.choice(blanks))] = sample.ink
    if rng.random() >= plain:
        return wrapped(cells)
    if rng.random() < 0.5:
        return [ID[cell] for cell in cells]
    return [ID[cell] for cell in cells if cell != " "]


def sequence(content: list[int], prompt: str, answer: list[int], skip: int = 0) -> Sequence:
    """`skip` answer tokens are given, not trained."""
    head = [BOS_ID, *content, *prompt_ids(prompt)]
    return Sequence([*head, *answer, EOS_ID], len(head) + skip)


def collate(sequences: list[Sequence]) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, labels), int64 [batch, longest]; padding on the right needs no mask under causal attention."""
    length = max(len(s.ids) for s in sequences)
    ids = torch.full((len(sequences), length), PAD_ID)
    labels = torch.full((len(sequences), length), -100)
    for row, s in enumerate(sequences):
        ids[row, : len(s.ids)] = torch.tensor(s.ids)
        labels[row, s.loss_from : len(s.ids)] = ids[row, s.loss_from : len(s.ids)]
    return ids, labels
