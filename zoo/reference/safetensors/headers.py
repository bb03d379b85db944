"""Asks the reference implementation which odd headers it opens, for core/safetensors/header.ts to agree with.

    python zoo/reference/safetensors/headers.py

Writes headers.json: for each header its text, the bytes of data behind it, and the tensors that the reference found
(name, shape), or null where it refuses the file.
"""

import json
import struct
import sys
import tempfile
from pathlib import Path

import safetensors

here = Path(__file__).parent


def entry(dtype="U8", shape=(1,), offsets=(0, 1), **more) -> str:
    return json.dumps({"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more})


one = '{"a":' + entry() + "}"
cases: list[tuple[str, str, int]] = [
    ("plain", one, 1),
    ("spaces before", "   " + one, 1),
    ("a newline before", "\n" + one, 1),
    ("tabs and carriage returns before", "\t\r\n " + one, 1),
    ("a form feed before", "\f" + one, 1),
    ("a vertical tab before", "\v" + one, 1),
    ("a no-break space before", "\u00a0" + one, 1),
    ("a byte order mark before", "\ufeff" + one, 1),
    ("a zero before", "\0" + one, 1),
    ("spaces behind", one + "   ", 1),
    ("a newline behind", one + "\n", 1),
    ("a zero behind", one + "\0", 1),
    ("another object behind", one + "{}", 1),
    ("white space within", one.replace(":", " :\n\t"), 1),
    ("nothing", "", 0),
    ("spaces alone", "        ", 0),
    ("no tensors", "{}", 0),
    ("an array", "[]", 0),
    ("null", "null", 0),
    ("metadata", '{"__metadata__":{"format":"pt"},' + one[1:], 1),
    ("metadata alone", '{"__metadata__":{"format":"pt"}}', 0),
    ("metadata behind the tensors", one[:-1] + ',"__metadata__":{}}', 1),
    ("metadata null", '{"__metadata__":null,' + one[1:], 1),
    ("metadata a list", '{"__metadata__":[],' + one[1:], 1),
    ("metadata a text", '{"__metadata__":"x",' + one[1:], 1),
    ("metadata with a number", '{"__metadata__":{"a":1},' + one[1:], 1),
    ("metadata with null", '{"__metadata__":{"a":null},' + one[1:], 1),
    ("metadata with an object", '{"__metadata__":{"a":{}},' + one[1:], 1),
    ("metadata with half a pair", '{"__metadata__":{"a":"\\ud83d"},' + one[1:], 1),
    ("metadata twice", '{"__metadata__":{},"__metadata__":{},' + one[1:], 1),
    ("a tensor twice", one[:-1] + ',"a":' + entry() + "}", 1),
    ("a further key of a tensor", '{"a":' + entry(note="x") + "}", 1),
    ("a tensor null", '{"a":null}', 0),
    ("no dtype", '{"a":{"shape":[1],"data_offsets":[0,1]}}', 1),
    ("no shape", '{"a":{"dtype":"U8","data_offsets":[0,1]}}', 1),
    ("a small dtype", '{"a":' + entry("u8") + "}", 1),
    ("a shape of one fraction", '{"a":' + entry(shape=(1.0,)) + "}", 1),
    ("a shape with an exponent", one.replace("[1]", "[1e0]"), 1),
    ("a negative size", '{"a":' + entry(shape=(-1,)) + "}", 1),
    ("minus nought", one.replace("[0, 1]", "[-0, 1]"), 1),
    ("NaN as a size", one.replace("[1]", "[NaN]"), 1),
    ("a scalar", '{"a":' + entry(shape=()) + "}", 1),
    ("an empty tensor", '{"a":' + entry(shape=(0,), offsets=(0, 0)) + "}", 0),
    ("an empty name", '{"":' + entry() + "}", 1),
    ("a name with escapes", '{"\\u00e9\\n\\ud83d\\ude00":' + entry() + "}", 1),
    ("a name with half a pair", '{"\\ud83d":' + entry() + "}", 1),
    ("a tab in a name", '{"a\tb":' + entry() + "}", 1),
    ("a comment", "/**/" + one, 1),
    ("a comma too many", one[:-1] + ",}", 1),
    ("single quotes", one.replace('"', "'"), 1),
    ("three offsets", '{"a":' + entry(offsets=(0, 1, 2)) + "}", 1),
    ("a gap", '{"a":' + entry(offsets=(1, 2)) + "}", 2),
    ("bytes behind", one, 2),
    ("too few bytes", one, 0),
    ("order of offsets not of names", '{"b":' + entry(offsets=(1, 2)) + ',"a":' + entry() + "}", 2),
]

rows = []
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "x.safetensors"
    for name, header, data_bytes in cases:
        text = header.encode("utf-8")
        path.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * data_bytes)
        try:
            with safetensors.safe_open(path, "np") as opened:
                found = {key: list(opened.get_slice(key).get_shape()) for key in opened.keys()}  # noqa: SIM118
        except Exception:
            found = None
        rows.append({"name": name, "header": header, "dataBytes": data_bytes, "tensors": found})

written_by = {"python": sys.version.split()[0], "safetensors": safetensors.__version__}
(here / "headers.json").write_text(json.dumps({"writtenBy": written_by, "cases": rows}, indent=1) + "\n")
