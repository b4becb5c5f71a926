"""Conditions of the plain form are judged without CEL; CEL itself says what the right answer is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach.core.conditions import ConditionError, Scope
from outreach.core.customer import Customer, History
from outreach.core.view import View
from outreach.playbook.cel import Language
from outreach.playbook.plain_conditions import plain_judge
from outreach.playbook.plain_judges import Wrong

NOW = 1_800_000_000_000
LANGUAGE = Language()

literals = st.sampled_from(["1", "0", "2.5", "1.0", "true", "false", '"a"', "''", '"1"'])
fields = st.sampled_from(
    [
        *("event.x", "event.y", "event.x.b", "trigger.x", "customer.orders", "customer.plan", "customer.health.band", "customer.csat", 'last("a.b").x'),
        *('sum("a.b", "n", "1d")', 'sum("a.b", "whole", "1d")', 'sum("no.b", "n", "1d")'),
    ]
)
questions = st.one_of(
    st.tuples(fields, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), literals).map(" ".join),
    st.sampled_from(
        [
            "has(event.x)",
            "has(event.x.b)",
            "has(customer.plan)",
            '"a" in event.x',
            '"vip" in customer.tags',
            "event.x",
            'count("a.b", "1d") > 0',
            'poor("1d") == 1',
            'sum("a.b", "whole", "1d") % 2 == 1',
        ]
    ),
)
conditions = st.recursive(
    questions,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(" ".join), inner.map(lambda one: f"!({one})"), inner.map(lambda one: f"( {one} )")
    ),
    max_leaves=5,
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([1.0, 2.5, "a", "1", "", 2**62]),
    st.just(["a", 1]),
    st.fixed_dictionaries({"b": st.just("a")}),
)
datas = st.dictionaries(st.sampled_from(["x", "y"]), values, max_size=2)


@given(condition=conditions, event=datas, trigger=datas, traits=st.dictionaries(st.just("plan"), st.sampled_from(["a", 1, True]), max_size=1))
def test_the_plain_form_is_judged_as_cel_judges_it(condition: Any, event: Any, trigger: Any, traits: Any) -> None:
    ann = Customer("ann", traits=traits, scores={"csat": 4.0}, tags=["vip"], poor=[NOW - 5])
    ann.history["a.b"] = History(NOW - 9, NOW - 9, 1, [(NOW - 9, 1, {"n": 2.5, "whole": 1})], {"x": 1})
    compiled = LANGUAGE.compile(condition)
    plain = plain_judge(condition)
    assert plain is not None
    said = {judge: judge(Scope(View(ann, NOW), NOW, event=event, trigger=trigger)) for judge in (plain, compiled.by_cel)}
    assert said[plain] == said[compiled.by_cel] or all(isinstance(answer, Wrong) for answer in said.values())


@pytest.mark.parametrize(
    "other", ["event.x + 1 > 2", "event.time == now", "event.x == customer.orders", 'event.x.startsWith("a")', "[1, 2].exists(n, n == 1)", r'event.x == "a\"b"']
)
def test_other_forms_are_left_to_cel(other: Any) -> None:
    assert plain_judge(other) is None


def test_what_cannot_be_judged_raises_with_the_name_of_the_field() -> None:
    with pytest.raises(ConditionError, match='there is no field "amount"'):
        LANGUAGE.compile("event.amount > 3")(Scope(View(Customer("ann"), NOW), NOW, event={"total": 3}))
