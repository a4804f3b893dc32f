"""Prometheus' own parser reads what we write."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from console.exposition import Family, HistogramFamily, Sample, Times, exposition


def test_counters_gauges_and_histograms() -> None:
    text = exposition(
        [
            Family(
                "a_total", "counter", "What a\\b\ncounts.", (Sample(3, (("kind", "x"),)), Sample(4, (("kind", "y"),)))
            ),
            Family("b", "gauge", "Level.", (Sample(0.5),)),
            HistogramFamily("c_seconds", "Times.", (0.001, 1.0), (Times((2, 0, 1), 7.25, (("stage", "s"),)),)),
        ]
    )
    a, b, c = text_string_to_metric_families(text)

    assert (a.name, a.type, a.documentation) == ("a", "counter", "What a\\b\ncounts.")
    assert [(s.name, s.labels, s.value) for s in a.samples] == [
        ("a_total", {"kind": "x"}, 3),
        ("a_total", {"kind": "y"}, 4),
    ]
    assert (b.type, b.samples[0].value) == ("gauge", 0.5)
    assert c.type == "histogram"
    assert [(s.name, s.labels.get("le"), s.value) for s in c.samples] == [
        ("c_seconds_bucket", "0.001", 2),
        ("c_seconds_bucket", "1.0", 2),
        ("c_seconds_bucket", "+Inf", 3),
        ("c_seconds_sum", None, 7.25),
        ("c_seconds_count", None, 3),
    ]


@given(st.text(st.characters(exclude_characters="\r\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e", exclude_categories=("Cs",))))
def test_whatever_a_label_holds_it_is_one_sample(label: str) -> None:
    [family] = text_string_to_metric_families(exposition([Family("x", "gauge", "X.", (Sample(1, (("l", label),)),))]))

    assert [sample.labels for sample in family.samples] == [{"l": label}]
