"""Conversations that every template of a model is given: plain, with a system text, an image, tools, switches."""

TOOL = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds <two> numbers & “more”",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    },
}
CALL = {"function": {"name": "add", "arguments": {"a": 1, "b": [None, True, 1.5]}}, "id": "abcdefghi"}
IMAGE = [{"type": "image"}, {"type": "text", "text": " What is it? "}]
CHATS = [
    {"messages": [{"role": "user", "content": " How many? "}]},
    {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "2+2\n"},
            {"role": "assistant", "content": "<think>\nhm\n</think>\n\n4"},
            {"role": "user", "content": "é 😀"},
        ]
    },
    {"messages": [{"role": "user", "content": IMAGE}]},
    {
        "messages": [
            {"role": "user", "content": "add"},
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "content": "2", "name": "add", "tool_call_id": "abcdefghi"},
        ],
        "tools": [TOOL],
    },
    {
        "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}],
        "add_generation_prompt": False,
    },
    {"messages": [{"role": "user", "content": "x"}], "enable_thinking": False},
]
