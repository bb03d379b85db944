"""The constructs of the chat templates of well-known models, each written anew and small.

The words are our own; what is a model's is the way in which its template is built: which tests, filters, methods,
loops and tricks with white space it needs.
"""

from zoo.reference.templates import models_llama_qwen, models_mistral_gemma, models_others

MODELS = [*models_llama_qwen.MODELS, *models_mistral_gemma.MODELS, *models_others.MODELS]
