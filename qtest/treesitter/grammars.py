"""The grammars there are, one row a grammar. A language may have several: TypeScript with and without tags."""

from collections.abc import Callable

import tree_sitter_c
import tree_sitter_c_sharp
import tree_sitter_cpp
import tree_sitter_go
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_php
import tree_sitter_ruby
import tree_sitter_rust
import tree_sitter_typescript

GRAMMARS: dict[str, Callable[[], object]] = {
    "javascript": tree_sitter_javascript.language,
    "typescript": tree_sitter_typescript.language_typescript,
    "tsx": tree_sitter_typescript.language_tsx,
    "java": tree_sitter_java.language,
    "go": tree_sitter_go.language,
    "rust": tree_sitter_rust.language,
    "ruby": tree_sitter_ruby.language,
    "c": tree_sitter_c.language,
    "cpp": tree_sitter_cpp.language,
    "c_sharp": tree_sitter_c_sharp.language,
    "php": tree_sitter_php.language_php,
}
