"""What is asked of each grammar.

`@class`, `@function` and `@scope` (names its inside, is no symbol) come with a `@name`, and a `@owner` where it is not the code
around; `@source` is an import, `@what` a name in it, `@as` what that is called here.
"""

_SCRIPT = """
(function_declaration name: (_) @name) @function
(generator_function_declaration name: (_) @name) @function
(class_declaration name: (_) @name) @class
(method_definition name: (_) @name) @function
(variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression)]) @function
(import_statement source: (string) @source)
(import_statement (import_clause (identifier) @as) source: (string) @source)
(import_statement (import_clause (namespace_import (identifier) @as)) source: (string) @source)
(import_statement (import_clause (named_imports (import_specifier name: (_) @what !alias))) source: (string) @source)
(import_statement
  (import_clause (named_imports (import_specifier name: (_) @what alias: (_) @as))) source: (string) @source)
(export_statement source: (string) @source)
((variable_declarator name: (identifier) @as value:
  (call_expression function: (identifier) @called arguments: (arguments (string) @source)))
  (#eq? @called "require"))
((variable_declarator name: (object_pattern (shorthand_property_identifier_pattern) @what) value:
  (call_expression function: (identifier) @called arguments: (arguments (string) @source)))
  (#eq? @called "require"))
"""
_TYPED_SCRIPT = f"""{_SCRIPT}
(abstract_class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(internal_module name: (_) @name) @scope
(abstract_method_signature name: (_) @name) @function
"""
_C = """
(function_definition declarator: (function_declarator declarator: (identifier) @name)) @function
(function_definition declarator:
  (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @function
(struct_specifier name: (type_identifier) @name body: (_)) @class
(union_specifier name: (type_identifier) @name body: (_)) @class
(enum_specifier name: (type_identifier) @name body: (_)) @class
(preproc_include path: (_) @source)
"""

QUERIES: dict[str, str] = {
    "javascript": _SCRIPT,
    "typescript": _TYPED_SCRIPT,
    "tsx": _TYPED_SCRIPT,
    "java": """
(class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(record_declaration name: (_) @name) @class
(annotation_type_declaration name: (_) @name) @class
(method_declaration name: (_) @name) @function
(constructor_declaration name: (_) @name) @function
(import_declaration (scoped_identifier) @source)
""",
    "go": """
(function_declaration name: (_) @name) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: (type_identifier) @owner))
  name: (_) @name) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: (pointer_type (type_identifier) @owner)))
  name: (_) @name) @function
(method_declaration receiver: (parameter_list (parameter_declaration type:
  (pointer_type (generic_type type: (_) @owner)))) name: (_) @name) @function
(type_spec name: (_) @name type: [(struct_type) (interface_type)]) @class
(import_spec !name path: (_) @source)
(import_spec name: (_) @as path: (_) @source)
""",
    "rust": """
(function_item name: (_) @name) @function
(function_signature_item name: (_) @name) @function
(struct_item name: (_) @name) @class
(enum_item name: (_) @name) @class
(union_item name: (_) @name) @class
(trait_item name: (_) @name) @class
(impl_item type: (type_identifier) @name) @scope
(impl_item type: (generic_type type: (_) @name)) @scope
(mod_item name: (_) @name body: (_)) @scope
(use_declaration argument: (_) @source)
""",
    "ruby": """
(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(class name: (_) @name) @class
(module name: (_) @name) @class
((call method: (identifier) @called arguments: (argument_list (string (string_content) @source)))
  (#match? @called "^require(_relative)?$"))
""",
    "c": _C,
    "cpp": f"""{_C}
(class_specifier name: (_) @name body: (_)) @class
(namespace_definition name: (_) @name) @scope
(function_definition declarator: (function_declarator declarator:
  [(field_identifier) (qualified_identifier) (destructor_name) (operator_name)] @name)) @function
(function_definition declarator: (reference_declarator
  (function_declarator declarator: [(identifier) (field_identifier) (qualified_identifier)] @name))) @function
(using_declaration (qualified_identifier) @source)
""",
    "c_sharp": """
(class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(struct_declaration name: (_) @name) @class
(record_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(method_declaration name: (_) @name) @function
(constructor_declaration name: (_) @name) @function
(using_directive [(qualified_name) (identifier)] @source)
""",
    "php": """
(function_definition name: (_) @name) @function
(class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(trait_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(method_declaration name: (_) @name) @function
(namespace_use_clause [(qualified_name) (name)] @source)
(require_once_expression (string (string_content) @source))
(include_expression (string (string_content) @source))
""",
}
