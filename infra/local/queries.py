"""Speeds up MiniStack's Query and Scan pages of large partitions and tables, for which it sorts and measures all rows."""

import heapq
import operator
import re

from ministack.services import dynamodb

from infra.local.patches import rewrite

Row = dict[str, dict]
MIN_ROWS = 500
"""Smaller partitions are fast enough."""
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
    """A partition's first rows that meet the condition, at least one more than the limit: MiniStack makes the page of these and sees that
    there are more. All rows if the condition or keys are of a form that the site does not use."""
    parsed = CONDITION.fullmatch(condition or "")
    if len(rows) <= MIN_ROWS or not limit or not parsed or parsed["key"] not in (None, sort_key):
        return rows
    try:
        keyed = [(row[sort_key]["S"], row) for row in rows]
        if parsed["sign"]:
            meets, bound = SIGNS[parsed["sign"]], values[parsed["value"]]["S"]
            keyed = [(key, row) for key, row in keyed if meets(key, bound)]
        elif parsed["low"]:
            low, high = values[parsed["low"]]["S"], values[parsed["high"]]["S"]
            keyed = [(key, row) for key, row in keyed if low <= key <= high]
    except KeyError:
        return rows
    if len(keyed) <= int(limit):
        return [row for _, row in keyed]
    first = heapq.nsmallest if forward else heapq.nlargest
    # With all rows that share the last one's key, which MiniStack then orders.
    last = first(int(limit) + 1, (key for key, _ in keyed))[-1]
    return [row for key, row in keyed if (key <= last if forward else key >= last)]


def items_from(table: dict, start: Row | None, one_page: bool) -> list[Row]:
    """A table's rows after a key, in key order: all, or with `one_page` slightly more than a page."""
    key_of = dynamodb._extract_key_val
    first = tuple(key_of(start.get(table[name], {})) if table[name] else "" for name in ("pk_name", "sk_name")) if start else None
    partitions = table["items"]
    rows, size = [], 0
    for pk in sorted(pk for pk in partitions if first is None or pk >= first[0]):
        for sk in sorted(partitions[pk]):
            if first is None or (pk, sk) > first:
                rows.append(partitions[pk][sk])
                size += dynamodb._item_size_bytes(rows[-1])
            # The row that exceeds the page shows MiniStack that there are more.
            if one_page and size > dynamodb._DDB_PAGE_SIZE_BYTES:
                return rows
    return rows


def patch() -> None:
    """Has MiniStack use these functions."""
    dynamodb._page_of, dynamodb._items_from = page_of, items_from
    rewrite(dynamodb, "_query", (ORDER, NARROW + ORDER))
    rewrite(dynamodb, "_scan", (ALL_ITEMS, SOME_ITEMS))
