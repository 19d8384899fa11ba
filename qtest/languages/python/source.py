"""The text of a Python file as the interpreter sees it, and the tree of it."""

import ast
import io
import tokenize
import warnings


def decoded(data: bytes) -> str:
    """By PEP 263, without the byte order mark, line ends untouched. Raises SyntaxError."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise SyntaxError(f"cannot be decoded: {error}") from error


def encoded(text: str, like: bytes) -> bytes:
    """As the file `like` is: its encoding, with a byte order mark if it has one. Raises UnicodeEncodeError."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(like).readline)
    return text.encode(encoding)


def tree_of(text: str, path: str) -> ast.Module:
    """Raises SyntaxError for everything that the parser cannot hold, deep nesting and null bytes included."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, path)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(reason_of(error)) from error


def reason_of(error: BaseException) -> str:
    """One line about why a file cannot be read as code."""
    if isinstance(error, SyntaxError):
        where = f"line {error.lineno}: " if error.lineno else ""
        return f"{where}{_one_line(error.msg or 'invalid syntax')}"
    if isinstance(error, RecursionError | MemoryError):
        return "nested too deeply"
    return _one_line(str(error)) or type(error).__name__


class Lines:
    """Cuts the text of an expression out of its file, as it was written."""

    def __init__(self, text: str) -> None:
        self._lines = [line.encode("utf-8", "surrogatepass") for line in io.StringIO(text)]

    def of(self, node: ast.expr | ast.arg | None) -> str:
        if node is None:
            return ""
        end = node.end_col_offset
        if node.lineno == node.end_lineno and node.lineno <= len(self._lines) and end is not None:
            return self._lines[node.lineno - 1][node.col_offset : end].decode("utf-8", "surrogatepass")
        return ast.unparse(node)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
