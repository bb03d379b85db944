"""DeepSeek, SmolLM, Command R, GLM and others: name, constructs, template."""

MODELS = [
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
