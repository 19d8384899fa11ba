"""Small things to do with text, also from the command line."""

import sys


def squeeze(text):
    """Runs of blanks become one."""
    return " ".join(text.split())


def shorten(text, width=10, mark="..."):
    if width < len(mark):
        raise ValueError("too narrow")
    if len(text) <= width:
        return text
    return text[: width - len(mark)] + mark


def count(text):
    words = {}
    for word in text.lower().split():
        word = word.strip(".,!")
        if not word:
            continue
        words[word] = words.get(word, 0) + 1
    return words


def chunks(items, size):
    chunk = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def main(arguments):
    if not arguments:
        print("usage: textkit WIDTH TEXT", file=sys.stderr)
        return 2
    try:
        width = int(arguments[0])
    except ValueError:
        return 3
    print(shorten(squeeze(" ".join(arguments[1:])), width))
    return 0
