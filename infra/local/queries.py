"""Queries of large partitions, as MiniStack answers them but sooner: for every page it orders all rows and weighs each."""

import inspect
import operator
import re
from collections.abc import Callable

from ministack.services import dynamodb

Row = dict[str, dict]
FEW_ROWS = 500
"""Fewer need no help."""
CONDITION = re.compile(r"\w+ = :\w+(?: AND (?P<key>\w+) (?P<sign><=|>=|<|>) (?P<value>:\w+))?")
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ORDER = """    if is_gsi or index_name:
        # GSI/LSI: order by"""
NARROW = """    if is_gsi and not multi_key and not esk:
        candidates = _page_of(candidates, sk_name, limit, scan_forward, key_cond, eav)

"""


def page_of(rows: list[Row], sort_key: str | None, limit: int | None, forward: bool, condition: str, values: Row) -> list[Row]:
    """Of an index's rows the first that meet the condition, more of them than the page holds: MiniStack makes the page of these, and
    sees that there are others. All of them where the condition or the keys are of another kind than the site's pages ask for."""
    asked = CONDITION.fullmatch(condition or "")
    if len(rows) <= FEW_ROWS or not limit or not asked or asked["key"] not in (None, sort_key):
        return rows
    try:
        keyed = [(row[sort_key]["S"], row) for row in rows]
        if asked["key"]:
            meets, bound = SIGNS[asked["sign"]], values[asked["value"]]["S"]
            keyed = [(key, row) for key, row in keyed if meets(key, bound)]
    except KeyError:
        return rows
    keys = sorted((key for key, _ in keyed), reverse=not forward)
    if len(keys) <= int(limit):
        return [row for _, row in keyed]
    # With all that share the last one's key: MiniStack tells them apart.
    last = keys[int(limit)]
    return [row for key, row in keyed if (key <= last if forward else key >= last)]


def patch(expect: Callable[[str, str, str], None]) -> None:
    source = inspect.getsource(dynamodb._query)
    expect("_query", source, ORDER)
    dynamodb._page_of = page_of
    exec(compile(source.replace(ORDER, NARROW + ORDER), dynamodb.__file__, "exec"), vars(dynamodb))
