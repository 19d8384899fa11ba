"""What is kept of a text, or of an exception's: its first line that says something, printable."""


def text_of(error):
    try:
        return str(error)
    except BaseException:
        return "(its text cannot be shown)"


def clean(text):
    first = next((line for line in text.splitlines() if line.strip()), "")
    return "".join(c if c.isprintable() else "\\x%02x" % ord(c) for c in first[:300])
