"""Templates that speak one language each.

A sentence, an icon and an address without arguments are the same on every page of a language, so they are put
in once, when a template is compiled for that language, and not on every page. What depends on the request
(prices, names, tokens) is untouched.
"""

import re
from typing import Any, cast

from flask import has_request_context
from flask.templating import Environment
from flask_babel import get_locale, get_translations
from jinja2 import Template, nodes
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

ICONS = "shared/_icon.html"
STEADY = frozenset({"asset", "html_lang", "language", "url_for"})
"""Functions that say the same on every page of a language when they are called with constants."""
PLACE = re.compile(r"%(?:%|\((\w+)\)s)")


class Spoken(Template):
    """A template whose imports are made once: nothing here is rendered with globals of its own."""

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        return super()._get_default_module()


class Tongues(Environment):
    """The app's templates: looks each up in the environment of the language that this request speaks."""

    template_class = Spoken
    tongue = ""
    loaded: dict[str, Template]

    def _load_template(self, name: str, globals: Any) -> Template:
        if self.tongue:
            known = self.loaded.get(name)
            if known is None or self.auto_reload:
                known = self.loaded[name] = super()._load_template(name, globals)
            return known
        locale = get_locale()
        if locale is None:
            return super()._load_template(name, globals)
        return self.speaking(str(locale))._load_template(name, globals)

    def speaking(self, tongue: str) -> "Tongues":
        """Return the environment of one language; made at its first use, when every room is open."""
        spoken: dict[str, Tongues] = self.__dict__.setdefault("spoken", {})
        if tongue not in spoken:
            made = self.overlay(cache_size=-1)
            made.tongue, made.loaded = tongue, {}
            spoken[tongue] = made
        return spoken[tongue]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if not self.tongue or self.auto_reload or not has_request_context():
            return tree  # as written: somebody is working on the templates, or there are no addresses
        return cast(nodes.Template, PutIn(self, tree).visit(tree))


class PutIn(NodeTransformer):
    """Replaces what is constant in one language by its words."""

    def __init__(self, environment: Tongues, tree: nodes.Template) -> None:
        self.environment = environment
        imports = tree.find_all(nodes.FromImport)
        taken = [each for each in imports if getattr(each.template, "value", "") == ICONS]
        self.has_icons = any("icon" in each.names for each in taken)

    def visit_Call(self, node: nodes.Call, *args: Any, **more: Any) -> nodes.Node:
        """Say a sentence, or call what is steady."""
        node = cast(nodes.Call, self.generic_visit(node))
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        if not all(isinstance(each, nodes.Const) for each in node.args):
            return node
        given = [cast(nodes.Const, each).value for each in node.args]
        if name in ("_", "gettext") and len(given) == 1:
            return self._sentence(node, given[0])
        if node.kwargs:
            return node
        if name in STEADY and name in self.environment.globals:
            said = str(cast(Any, self.environment.globals[name])(*given))
            if "://" in said:
                return (
                    node  # a socket's address names the host, and each browser may call the shop by another
                )
            return nodes.Const(said, lineno=node.lineno)
        if name == "icon" and self.has_icons:
            drawn = cast(Any, self.environment.get_template(ICONS).module).icon(*given)
            return nodes.Const(Markup(drawn), lineno=node.lineno)
        return node

    def _sentence(self, node: nodes.Call, sentence: str) -> nodes.Node:
        words = Markup(get_translations().ugettext(sentence))
        if not node.kwargs:
            return nodes.Const(words % {}, lineno=node.lineno)
        values = [nodes.Pair(nodes.Const(each.key), each.value) for each in node.kwargs]
        return nodes.Mod(nodes.Const(words), nodes.Dict(values), lineno=node.lineno)

    def visit_Output(self, node: nodes.Output, *args: Any, **more: Any) -> nodes.Node:
        """Write a sentence with values as words, value, words, where it stands by itself."""
        node = cast(nodes.Output, self.generic_visit(node))
        node.nodes = [part for each in node.nodes for part in _parts(each)]
        return node


def _parts(node: nodes.Expr) -> list[nodes.Expr]:
    """Return the parts of a sentence between its places, or the node itself."""
    if not (isinstance(node, nodes.Mod) and isinstance(node.left, nodes.Const)):
        return [node]
    if not (isinstance(node.left.value, Markup) and isinstance(node.right, nodes.Dict)):
        return [node]
    words = str(node.left.value)
    values = {cast(nodes.Const, pair.key).value: pair.value for pair in node.right.items}
    if "%" in PLACE.sub("", words) or not {*PLACE.findall(words)} - {""} <= values.keys():
        return [node]
    found: list[nodes.Expr] = []
    end = 0
    for place in PLACE.finditer(words):
        found.append(nodes.TemplateData(words[end : place.start()]))
        found.append(values[place[1]] if place[1] else nodes.TemplateData("%"))
        end = place.end()
    return [*found, nodes.TemplateData(words[end:])]
