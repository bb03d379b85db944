"""The safetensors library reading a checkpoint: headers, and tensors as float32. Through PyTorch, for numpy has no bfloat16."""

from serve import need, serve, timed

safetensors, torch = need("safetensors", "torch")
torch.set_num_threads(1)
path = ""
opened = None


def load(weights: str) -> None:
    global path, opened
    path = weights
    opened = safetensors.safe_open(path, "pt").__enter__()


def describe() -> int:
    with safetensors.safe_open(path, "pt") as file:
        slices = [file.get_slice(name) for name in file.keys()]
        return sum(len(s.get_shape()) + len(s.get_dtype()) for s in slices)


def read(names: list[str]) -> None:
    for name in names:
        opened.get_tensor(name).float()


serve(
    f"safetensors {safetensors.__version__} (Python, torch {torch.__version__.split('+')[0]})",
    load=load,
    open=lambda: timed(describe),
    read=lambda names: timed(lambda: read(names)),
    total=lambda name: opened.get_tensor(name).double().sum().item(),
)
