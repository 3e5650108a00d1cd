"""Templates whose unchanging parts are put together once for each language, instead of at each drawing of a page.

Most of a page is the same on every drawing: its words in one language, the addresses of fixed pages and of static
files. Django looks each of them up again for each reader. This loader takes neighbours of that kind for one text.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from django.template import Context, Template
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    TextNode,
    VariableNode,
    render_value_in_context,
)
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext


class FoldingLoader(base.Loader):
    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        fold(template.nodelist)
        template.nodelist = Nodes(template.nodelist)
        return template


class Loader(cached.Loader, FoldingLoader):
    """Django's loader that reads each template once; what it keeps is folded."""


class Nodes(NodeList):
    """The nodes of a whole template, among which Django looks for blocks at each drawing of a page that fills them."""

    def __init__(self, nodes: NodeList) -> None:
        super().__init__(nodes)
        self._found: dict[type[Node], list[Node]] = {}

    def get_nodes_by_type(self, nodetype: type[Node]) -> list[Node]:
        if nodetype not in self._found:
            self._found[nodetype] = super().get_nodes_by_type(nodetype)
        return self._found[nodetype]


class Folded(Node):
    """Neighbouring nodes that say the same at each drawing in one language."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self._said: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = find_language(context)
        if language not in self._said:
            said = "".join(str(node.render_annotated(context)) for node in self.nodes)
            self._said[language] = mark_safe(said)  # noqa: S308 - each node escapes what it says
        return self._said[language]


class Gap(VariableNode):
    """A value on the page. Most are texts, which Django looks at in six ways before it escapes them."""

    def __init__(self, node: VariableNode) -> None:
        vars(self).update(vars(node))

    def render(self, context: Context) -> str:
        return write(self.filter_expression.resolve(context), context)


class Sentence(BlockTranslateNode):
    """A sentence with gaps: what stands around them is read once, and in each language it is looked up once."""

    def __init__(self, node: BlockTranslateNode) -> None:
        vars(self).update(vars(node))
        self._read: dict[int, tuple[str, list[str]]] = {}
        self._said: dict[str | None, tuple[str, list[str]]] = {}
        self.is_plain = not (self.plural or self.message_context or self.asvar)

    def render(self, context: Context, nested: bool = False) -> str:
        if not self.is_plain or nested:
            return str(super().render(context, nested))
        language = find_language(context)
        if language not in self._said:
            words, names = self.render_token_list(self.singular)
            self._said[language] = gettext(words), names
        said, names = self._said[language]
        try:
            return said % {name: write(self.find(name, context), context) for name in names}
        except (KeyError, ValueError):  # the translation is malformed: Django knows what to do
            return str(super().render(context))

    def find(self, name: str, context: Context) -> Any:
        """Return the value of a gap, which the tag names or the context has."""
        expression = self.extra_context.get(name)
        return context.get(name, "") if expression is None else expression.resolve(context)

    def render_token_list(self, tokens: list[Any]) -> tuple[str, list[str]]:
        if id(tokens) not in self._read:
            self._read[id(tokens)] = super().render_token_list(tokens)
        said, names = self._read[id(tokens)]
        return said, [*names]  # Django adds to the list that it is given


def write(value: Any, context: Context) -> str:
    """Write a value as Django does."""
    kind = type(value)
    if kind is SafeString:
        return str(value)
    return escape(value) if kind is str and context.autoescape else render_value_in_context(value, context)


def find_language(context: Context) -> str | None:
    """Return the language that is spoken, which Django takes long to say, asking once for each drawing of a template.

    No template changes it within itself.
    """
    noted: dict[Any, Any] = context.render_context.dicts[-1]
    if Folded not in noted:
        noted[Folded] = get_language()
    return noted[Folded]  # type: ignore[no-any-return]


def fold(nodes: NodeList) -> None:
    """Put together what never changes among nodes, and among the nodes inside of the others, in place."""
    folded: list[Node] = []
    constant: list[Node] = []
    for node in [*nodes, None]:
        if node is not None and is_constant(node):
            constant.append(node)
            continue
        if constant:
            folded.append(constant[0] if len(constant) == 1 and isinstance(constant[0], TextNode) else Folded(constant))
            constant = []
        if node is not None:
            folded.append(quicken(node))
            for inner in find_nodes_inside(node):
                fold(inner)
    nodes[:] = folded


def quicken(node: Node) -> Node:
    """Return what writes the same as a node in less time."""
    match node:
        case BlockTranslateNode():
            return Sentence(node)
        case VariableNode():
            return Gap(node)
        case _:
            return node


def is_constant(node: Node) -> bool:
    """Say whether a node writes the same at each drawing in one language, and sets no name."""
    match node:
        case TextNode() | CommentNode() | LoadNode():
            return True
        case TranslateNode():
            words = node.filter_expression  # a literal that Django keeps as a variable, to translate it
            return not (node.asvar or node.message_context or words.filters) and words.var.literal is not None
        case BlockTranslateNode():
            names = (node.extra_context, node.countervar, node.asvar, node.message_context)
            return not any(names) and all(token.token_type.name == "TEXT" for token in node.singular)
        case URLNode():
            return not (node.args or node.kwargs or node.asvar) and is_literal(node.view_name)
        case StaticNode():
            return node.varname is None and is_literal(node.path)
        case _:
            return False


def is_literal(expression: Any) -> bool:
    return isinstance(expression, FilterExpression) and not expression.filters and isinstance(expression.var, str)


def find_nodes_inside(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):
        yield from (nodes for _condition, nodes in node.conditions_nodelists)
    yield from (value for value in vars(node).values() if isinstance(value, NodeList))
