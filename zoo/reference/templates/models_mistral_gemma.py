"""Mistral, Gemma and Phi: name, constructs, template."""

MODELS = [
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
]
