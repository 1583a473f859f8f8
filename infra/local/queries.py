"""Pages of large partitions and of large tables, as MiniStack makes them but sooner: for every page it orders all rows and weighs each."""

import heapq
import operator
import re

from ministack.services import dynamodb

from infra.local.patches import rewrite

Row = dict[str, dict]
FEW_ROWS = 500
"""Fewer need no help."""
CONDITION = re.compile(
    r"\w+ = :\w+(?: AND (?P<key>\w+) (?:(?P<sign><=|>=|<|>) (?P<value>:\w+)|BETWEEN (?P<low>:\w+) AND (?P<high>:\w+)))?"
)
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ORDER = """    if is_gsi or index_name:
        # GSI/LSI: order by"""
NARROW = """    if (is_gsi or not index_name) and sk_name and not multi_key and not esk:
        candidates = _page_of(candidates, sk_name, limit, scan_forward, key_cond, eav)

"""
ALL_ITEMS = """    all_items = []
    for pk in sorted(table["items"].keys()):
        for sk in sorted(table["items"][pk].keys()):
            all_items.append(table["items"][pk][sk])
"""
SOME_ITEMS = """    by_table_key = not index_name and segment is None
    all_items = _items_from(table, by_table_key and esk, by_table_key)
"""


def page_of(rows: list[Row], sort_key: str | None, limit: int | None, forward: bool, condition: str, values: Row) -> list[Row]:
    """Of a partition's rows the first that meet the condition, more of them than the page holds: MiniStack makes the page of these, and
    sees that there are others. All of them where the condition or the keys are of another kind than the site's pages ask for."""
    asked = CONDITION.fullmatch(condition or "")
    if len(rows) <= FEW_ROWS or not limit or not asked or asked["key"] not in (None, sort_key):
        return rows
    try:
        keyed = [(row[sort_key]["S"], row) for row in rows]
        if asked["sign"]:
            meets, bound = SIGNS[asked["sign"]], values[asked["value"]]["S"]
            keyed = [(key, row) for key, row in keyed if meets(key, bound)]
        elif asked["low"]:
            low, high = values[asked["low"]]["S"], values[asked["high"]]["S"]
            keyed = [(key, row) for key, row in keyed if low <= key <= high]
    except KeyError:
        return rows
    if len(keyed) <= int(limit):
        return [row for _, row in keyed]
    first = heapq.nsmallest if forward else heapq.nlargest
    # With all that share the last one's key: MiniStack tells them apart.
    last = first(int(limit) + 1, (key for key, _ in keyed))[-1]
    return [row for key, row in keyed if (key <= last if forward else key >= last)]


def items_from(table: dict, start: Row | None, a_page: bool) -> list[Row]:
    """A table's rows behind a key, in the order of their keys: all, or more of them than a page holds."""
    key_of = dynamodb._extract_key_val
    first = tuple(key_of(start.get(table[name], {})) if table[name] else "" for name in ("pk_name", "sk_name")) if start else None
    partitions = table["items"]
    rows, held = [], 0
    for pk in sorted(pk for pk in partitions if first is None or pk >= first[0]):
        for sk in sorted(partitions[pk]):
            if first is None or (pk, sk) > first:
                rows.append(partitions[pk][sk])
                held += dynamodb._item_size_bytes(rows[-1])
            # The row that is too much for the page tells that there are others.
            if a_page and held > dynamodb._DDB_PAGE_SIZE_BYTES:
                return rows
    return rows


def patch() -> None:
    """Has MiniStack make its pages of these rows."""
    dynamodb._page_of, dynamodb._items_from = page_of, items_from
    rewrite(dynamodb, "_query", (ORDER, NARROW + ORDER))
    rewrite(dynamodb, "_scan", (ALL_ITEMS, SOME_ITEMS))
