"""The constructs of the chat templates of well-known models, each written anew and small.

The words are our own; what is a model's is the way in which its template is built: which tests, filters, methods,
loops and tricks with white space it needs.
"""

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

MODELS = [
    (
        "Llama 2",
        "raise_exception on roles out of turn, loop.index0 % 2, system text put into the first turn, strip, eos by ' ' ~",
        """{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<S>>\\n' + system_message + '\\n<</S>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[I] ' + content.strip() + ' [/I]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}""",
    ),
    (
        "Llama 3.1 and 3.2",
        "set under is not defined, strftime_now under is defined, is iterable and is not mapping, tojson(indent=4), | trim, not none",
        """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if not_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|h|>system<|/h|>\\n\\n" }}
{{- "Today: " + date_string + "\\n\\n" }}
{%- if tools is not none %}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system_message }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|h|>' + message['role'] + '<|/h|>\\n\\n' }}
        {%- if message['content'] is string %}
            {{- message['content'] | trim }}
        {%- else %}
            {%- for content in message['content'] %}
                {%- if content['type'] == 'image' %}
                    {{- '<|image|>' }}
                {%- elif content['type'] == 'text' %}
                    {{- content['text'] }}
                {%- endif %}
            {%- endfor %}
        {%- endif %}
        {{- '<|e|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("one call at once") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|h|>assistant<|/h|>\\n\\n' }}
{%- endif %}
""",
    ),
    (
        "Qwen2.5",
        "tojson of tools between literal tags, tool turns put together by loop.first, loop.index0 and messages[loop.index0 + 1]",
        """{%- if tools %}
    {{- '<|s|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You help.' }}
    {%- endif %}
    {{- "\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|e|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|s|>system\\n' + messages[0]['content'] + '<|e|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|s|>' + message.role + '\\n' + message.content + '<|e|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|s|>' + message.role }}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<c>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</c>' }}
        {%- endfor %}
        {{- '<|e|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|s|>user' }}
        {%- endif %}
        {{- '\\n<r>\\n' }}
        {{- message.content }}
        {{- '\\n</r>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|e|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|s|>assistant\\n' }}
{%- endif %}
""",
    ),
    (
        "Qwen3",
        "namespace, messages[::-1], startswith and endswith, split of <think>, lstrip('\\n'), enable_thinking is false",
        """{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<r>') and message.content.endswith('</r>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or (not loop.last and reasoning_content)) %}
            {{- '<|s|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|s|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|e|>\\n' }}
    {%- else %}
        {{- '<|s|>' + message.role + '\\n' + content + '<|e|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|s|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}""",
    ),
    (
        "Qwen2-VL and Qwen2.5-VL",
        "set of a counter namespace, is string, 'image' in content, do_vision_count, nested loops on one line",
        """{% set image_count = namespace(value=0) %}{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|s|>system
You help.<|e|>
{% endif %}<|s|>{{ message['role'] }}
{% if message['content'] is string %}{{ message['content'] }}<|e|>
{% else %}{% for content in message['content'] %}{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}<|v|><|image|></v>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|e|>
{% endif %}{% endfor %}{% if add_generation_prompt %}<|s|>assistant
{% endif %}""",
    ),
    (
        "SmolVLM and Idefics3",
        "capitalize, a ternary inside a print, selectattr of the content's parts",
        """{% for message in messages %}{{ message['role'] | capitalize }}{% if message['content'] is not string and message['content'][0]['type'] == 'image' %}{{ ':' }}{% else %}{{ ': ' }}{% endif %}{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for line in message['content'] %}{% if line['type'] == 'text' %}{{ line['text'] }}{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}{% endif %}<end>
{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}""",
    ),
    (
        "LLaVA 1.5",
        "upper, selectattr('type', 'equalto', 'image') in a loop's head, generation around an answer",
        """{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'] | upper + ': ' }}{% endif %}{% if message['content'] is string %}{% generation %}{{ message['content'] }}{% endgeneration %}{% else %}{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\\n' }}{% endfor %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' ' }}{% endfor %}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}""",
    ),
    (
        "Mistral 7B and Mixtral",
        "system text by ternary, namespace index of user turns, rejectattr, tool ids by length, | list, [-1]",
        """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("turns") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == user_messages[-1]) %}
            {{- "[T] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.items() if key != "return" %}
                    {%- if val is string %}
                        {{- '"' + key + '": "' + val + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + val|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {{- ", " if not loop.last else "]" }}
            {%- endfor %}
            {{- "[/T]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[I] " + system_message + "\\n\\n" + message["content"] + "[/I]" }}
        {%- else %}
            {{- "[I] " + message["content"] + "[/I]" }}
        {%- endif %}
    {%- elif message.tool_calls is defined and message.tool_calls is not none %}
        {{- "[C] [" }}
        {%- for tool_call in message.tool_calls %}
            {%- set out = tool_call.function|tojson %}
            {{- out[:-1] }}
            {%- if not tool_call.id is defined or tool_call.id|length != 9 %}
                {{- raise_exception("ids have 9 characters") }}
            {%- endif %}
            {{- ', "id": "' + tool_call.id + '"}' }}
        {%- endfor %}
        {{- "]" + eos_token }}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token }}
    {%- elif message["role"] == "tool" %}
        {%- if message.content is defined and message.content.content is defined %}
            {%- set content = message.content.content %}
        {%- else %}
            {%- set content = message.content %}
        {%- endif %}
        {{- '[R] {"content": ' + content|string + "}" }}
    {%- endif %}
{%- endfor %}
""",
    ),
    (
        "Mistral Small 3",
        "set block with a default date, replace of a place holder, macros, in of a tuple",
        """{%- set today = '01-01-2025' %}
{%- set default_system %}Today is {{ today }}.
Be {{ 'kind' }}.{% endset %}
{%- macro turn(kind, text) %}[{{ kind }}]{{ text | trim }}[/{{ kind }}]{% endmacro %}
{{- bos_token }}
{%- if messages[0]['role'] in ('system', 'developer') %}{{ turn('S', messages[0]['content'].replace('brief', 'short')) }}{% else %}{{ turn('S', default_system) }}{% endif %}
{%- for message in messages if message['role'] != 'system' %}
    {%- if message['content'] is string %}{{ turn(message['role'][0] | upper, message['content']) }}
    {%- else %}{%- for block in message['content'] %}{% if block['type'] == 'text' %}{{ block['text'] }}{% elif block['type'] in ['image', 'image_url'] %}[IMG]{% endif %}{% endfor %}
    {%- endif %}
{%- endfor %}""",
    ),
    (
        "Gemma 2 and 3",
        "role renamed by a ternary, first_user_prefix, is iterable, trim of every part",
        """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set first_user_prefix = messages[0]['content'] + '

' -%}
    {%- else -%}
        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '

' -%}
    {%- endif -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("turns") }}
    {%- endif -%}
    {%- set role = 'model' if (message['role'] == 'assistant') else message['role'] -%}
    {{ '<t>' + role + '
' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}
                {{ '<i>' }}
            {%- elif item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("content") }}
    {%- endif -%}
    {{ '</t>
' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ '<t>model
' }}
{%- endif -%}
""",
    ),
    (
        "Phi-3 and Phi-4",
        "an if chain on one line, text outside of prints, loop.last with eos_token",
        """{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}{{ '<|s|>\\n' + message['content'] + '<|e|>\\n' }}{% elif message['role'] == 'user' %}<|u|>
{{ message['content'] }}<|e|>
{% elif message['role'] == 'assistant' %}{{ '<|a|>\\n' + message['content'] + '<|e|>\\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|a|>\\n' }}{% else %}{{ eos_token }}{% endif %}""",
    ),
    (
        "DeepSeek V3 and R1",
        "many members of one namespace, ['tool_calls'] is none or undefined, split('</think>')[-1], ~ of parts, not ns.flag",
        """{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(is_first=false, is_tool=false, system_prompt='') %}{%- for message in messages %}{%- if message['role'] == 'system' %}{% set ns.system_prompt = ns.system_prompt ~ message['content'] %}{%- endif %}{%- endfor %}{{ bos_token }}{{ ns.system_prompt }}{%- for message in messages %}{%- if message['role'] == 'user' %}{%- set ns.is_tool = false -%}{{ '<U>' + message['content'] }}{%- endif %}{%- if message['role'] == 'assistant' and 'tool_calls' in message %}{%- set ns.is_tool = false -%}{%- for tool in message['tool_calls'] %}{%- if not ns.is_first %}{{ '<A><C>' + tool['function']['name'] + '\\n' + '```json' + '\\n' + tool['function']['arguments'] | tojson + '\\n' + '```' }}{%- set ns.is_first = true -%}{%- endif %}{%- endfor %}{%- elif message['role'] == 'assistant' %}{% set content = message['content'] %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}{{ '<A>' + content + '<E>' }}{%- endif %}{%- if message['role'] == 'tool' %}{%- set ns.is_tool = true -%}{{ '<R>' + message['content'] + '</R>' }}{%- endif %}{%- endfor -%}{% if ns.is_tool %}{{ '</T>' }}{% endif %}{% if add_generation_prompt and not ns.is_tool %}{{ '<A>' }}{% endif %}""",
    ),
    (
        "SmolLM2 and ChatML",
        "the whole turn in one concatenation, a default system turn by loop.first",
        """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|s|>system\\nYou help<|e|>\\n' }}{% endif %}{{ '<|s|>' + message['role'] + '\\n' + message['content'] + '<|e|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|s|>assistant\\n' }}{% endif %}""",
    ),
    (
        "SmolLM3",
        "replace, rstrip, strftime_now, default filter, or-chains of defaults, generation tags with dashes",
        """{%- if not enable_thinking is defined -%}{%- set enable_thinking = true -%}{%- endif -%}
{%- set reasoning_mode = "/think" if enable_thinking else "/no_think" -%}
{%- if messages[0].role == "system" -%}
    {%- set system_message = messages[0].content -%}
    {%- if "/no_think" in system_message -%}{%- set reasoning_mode = "/no_think" -%}{%- endif -%}
    {%- set custom = system_message.replace("/no_think", "").replace("/think", "").rstrip() -%}
{%- endif -%}
{{- "<|s|>system\\n" -}}
{{- "mode: " + reasoning_mode + "\\n" -}}
{{- (custom or xml_tools or "You help.") ~ "\\n" -}}
{%- for message in messages -%}
    {%- set content = message.content if message.content is string else "" -%}
    {%- if message.role == "user" -%}
        {{ "<|s|>" + message.role + "\\n" + content + "<|e|>\\n" }}
    {%- elif message.role == "assistant" -%}
        {%- generation -%}
        {{ "<|s|>assistant\\n" + content.lstrip("\\n") + "<|e|>\\n" }}
        {%- endgeneration -%}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ "<|s|>assistant\\n" ~ ("" if enable_thinking else "<think>\\n\\n</think>\\n") }}{%- endif -%}""",
    ),
    (
        "Zephyr and TinyLlama",
        "if and elif on their own lines without dashes, which trim_blocks is for",
        """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|u|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|s|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|a|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|a|>' }}
{% endif %}
{% endfor %}""",
    ),
    (
        "Command R",
        "a set with a long default, loop_messages by and-or, raise_exception with ~, strip on one line",
        """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% elif false == true %}{% set loop_messages = messages %}{% set system_message = 'You are called C.' %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% if system_message != false %}{{ '<ST><S>' + system_message + '<ET>' }}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('no ' ~ message['role'] ~ ' at ' ~ loop.index) }}{% endif %}{% set content = message['content'] %}{% if message['role'] == 'user' %}{{ '<ST><U>' + content.strip() + '<ET>' }}{% elif message['role'] == 'assistant' %}{{ '<ST><B>'  + content.strip() + '<ET>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<ST><B>' }}{% endif %}""",
    ),
    (
        "Hermes and function calling with macros",
        "a recursive macro over JSON schema types, | join, items(), is in, {{ tojson }} inside a string",
        """{%- macro json_to_type(spec) %}
{%- set basic = {"string": "str", "integer": "int", "boolean": "bool"} %}
{%- if basic[spec.type] is defined %}
    {{- basic[spec.type] }}
{%- elif spec.type == "object" %}
    {{- "dict[" }}{%- for k, v in spec.properties.items() %}{{ k }}:{{ json_to_type(v) }}{{ ", " if not loop.last }}{%- endfor %}{{- "]" }}
{%- else %}
    {{- "Any" }}
{%- endif %}
{%- endmacro %}
{{- bos_token }}
{%- for tool in tools or [] %}
    {%- if tool.function is defined %}{%- set tool = tool.function %}{%- endif %}
    {{- '{"name": ' + (tool.name|tojson) + ', "type": "' ~ json_to_type(tool.parameters) ~ '", "required": "' ~ tool.parameters.required|join(', ') ~ '"}\\n' }}
{%- endfor %}
{%- for message in messages %}
{{- '<|s|>' + message.role + '\\n' }}
{%- if message.tool_calls %}
    {%- for call in message.tool_calls %}{{ call.function.arguments.keys()|list|join('+') }} {{ call.function.arguments.b }}{% endfor %}
{%- elif message.content is string %}{{ message.content }}
{%- endif %}
{{- '<|e|>\\n' }}
{%- endfor %}""",
    ),
    (
        "gpt-oss and Harmony",
        "macros with defaults that call each other, rejectattr, namespace flags, strftime, in of a list, indent",
        """{%- macro render_type(spec, required=false) -%}
    {%- if spec.enum is defined -%}{{ spec.enum | join('|') }}{%- elif spec.type in ['integer', 'number'] -%}number{%- elif spec.type is defined -%}{{ spec.type }}{%- else -%}any{%- endif -%}
    {%- if not required -%}?{%- endif -%}
{%- endmacro -%}
{%- macro render_tool(tool) -%}
type {{ tool.name }} = (_: {
{%- for name, spec in tool.parameters.properties.items() %}
{{ '  ' ~ name }}: {{ render_type(spec, required=(name in tool.parameters.required)) }}{% if not loop.last %},{% endif %}
{%- endfor %}

}) => any;
{%- endmacro -%}
{{- "<|start|>system<|m|>" }}
{%- for tool in tools or [] %}{{ render_tool(tool.function) | indent(2) }}{% endfor %}
{%- for message in messages | rejectattr('role', 'equalto', 'system') %}
{{- "<|start|>" ~ message.role ~ "<|m|>" ~ (message.content | string) ~ "<|end|>" }}
{%- endfor %}""",
    ),
    (
        "InternVL",
        "is iterable next to is string, counting of images with | selectattr | list | length, join of a map",
        """{% for message in messages %}<|s|>{{ message['role'] }}
{% if message['content'] is string %}{{ message['content'] }}{% else %}{{ message['content'] | selectattr('type', 'equalto', 'image') | list | length }} {{ message['content'] | selectattr('text', 'defined') | map(attribute='text') | join('\\n') }}{% endif %}<|e|>
{% endfor %}{% if add_generation_prompt %}<|s|>assistant
{% endif %}""",
    ),
    (
        "GLM-4",
        "lookup of roles by in, sort_keys and ensure_ascii of tojson, elif of kinds, [gMASK] text at the start",
        """[g]<sop>
{%- if tools -%}
<|system|>
{% for tool in tools %}
{% set function = tool['function'] if tool.get("function") else tool %}
## {{ function.name }}
{{ function | tojson(indent=2, ensure_ascii=False) }}
{%- endfor %}
{%- endif -%}
{%- for message in messages %}
{%- if message.role in ['user', 'system'] and not message.get('metadata', '') %}
<|{{ message.role }}|>
{{ message.content if message.content is string else message.content[1].text }}
{%- elif message.role == 'assistant' and message.content %}
<|assistant|>{{ '\\n' + message.content.strip() }}
{%- endif %}
{%- endfor %}
{% if add_generation_prompt %}<|assistant|>{% endif %}""",
    ),
    (
        "OLMo and Tülu",
        "not loop.last next to eos_token, ~ loop.index, a default of a missing key by get",
        """{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}{% if not loop.last %}{{ '<|a|>\\n' + message['content'] + eos_token + '\\n' }}{% else %}{{ '<|a|>\\n' + message['content'] + eos_token }}{% endif %}{% else %}{{ '<|' ~ message.get('role', 'user') ~ '|>\\n' ~ message['content'] ~ '\\n' }}{% endif %}{% if loop.last and add_generation_prompt %}{{ '<|a|>\\n' }}{% endif %}{% endfor %}""",
    ),
]
