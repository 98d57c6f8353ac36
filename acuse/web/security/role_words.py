"""What a role may do, in a line: `Envía en Ventas. Edita Clientes. Atiende Envíos.`"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from acuse.companies.models import Role
from acuse.companies.permissions.page_names import PAGE_GROUPS, PAGE_NAMES
from acuse.companies.permissions.pages import ADMINISTRATOR, PAGE_ACTIONS, VOUCHER_PAGES, Action, Page

#: The strongest first: a page is told once, by the first that the role holds there.
_VERBS: tuple[tuple[str, frozenset[Page], frozenset[Action]], ...] = (
    ("Envía en", frozenset(VOUCHER_PAGES), frozenset({Action.SEND})),
    ("Atiende", frozenset({Page.DELIVERIES}), frozenset({Action.EDIT})),
    ("Edita", frozenset(Page), frozenset({Action.CREATE, Action.EDIT, Action.VOID, Action.CONFIGURE})),
    ("Ve", frozenset(Page), frozenset({Action.VIEW})),
)


def words_of(role: Role) -> str:
    """Of a role whose grants are at hand."""
    if role.name == ADMINISTRATOR:
        return "Puede todo."
    return words((grant.page, grant.action) for grant in role.grants.all())


def words(held: Iterable[tuple[str, str]]) -> str:
    by_verb: dict[str, set[Page]] = defaultdict(set)
    for page, actions in _by_page(held).items():
        verb = next((verb for verb, pages, strong in _VERBS if page in pages and strong & actions), None)
        if verb is not None:
            by_verb[verb].add(page)
    told = [f"{verb} {_joined(_names(by_verb[verb]))}." for verb, *_ in _VERBS if by_verb[verb]]
    return " ".join(told) or "Todavía no puede nada."


def _by_page(held: Iterable[tuple[str, str]]) -> dict[Page, set[str]]:
    """What another version granted means nothing here."""
    found: dict[Page, set[str]] = defaultdict(set)
    for page, action in held:
        if page in list(Page) and action in PAGE_ACTIONS[Page(page)]:
            found[Page(page)].add(action)
    return found


def _names(pages: set[Page]) -> list[str]:
    """A module that is whole by its own name."""
    names: list[str] = []
    for module, members in PAGE_GROUPS:
        chosen = [page for page in members if page in pages]
        whole = len(chosen) == len(members) > 1
        names += [module] if whole else [PAGE_NAMES[page] for page in chosen]
    return names


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} y {names[-1]}"
