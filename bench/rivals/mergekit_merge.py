"""mergekit merging three text models by task arithmetic: base + 1 (a - base) + lambda (b - base) in float32, bfloat16 in and out."""

import shutil

from serve import need, serve, timed

_, torch, merge, config = need("mergekit", "torch", "mergekit.merge", "mergekit.config")
from importlib.metadata import version

torch.set_num_threads(1)


def run(base: str, first: str, second: str, out: str, weight: float) -> dict[str, float]:
    shutil.rmtree(out, ignore_errors=True)
    recipe = config.MergeConfiguration.model_validate(
        {
            "merge_method": "task_arithmetic",
            "base_model": base,
            "models": [
                {"model": first, "parameters": {"weight": 1.0}},
                {"model": second, "parameters": {"weight": weight}},
            ],
            "dtype": "float32",
            "out_dtype": "bfloat16",
        }
    )
    options = merge.MergeOptions(copy_tokenizer=False, write_model_card=False, quiet=True, num_threads=1)
    return timed(lambda: merge.run_merge(recipe, out, options))


serve(
    f"mergekit {version('mergekit')} (torch {torch.__version__.split('+')[0]}, its imports not counted)",
    run=run,
)
