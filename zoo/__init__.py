"""The demo trio: a base language model, a reasoning tune of it and a vision-language tune of it."""
