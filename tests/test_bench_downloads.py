"""The benchmark of files: that both libraries write the same table; never how fast."""

from io import BytesIO
from typing import Any

import numpy as np
import openpyxl

from bench.downloads import _openpyxl, _ours
from domain.readings import Quality
from domain.tariff.points import NO_SEN
from domain.usage_parts import UsagePart

QUALITY = np.array([Quality.SETTLED, Quality.MISSING, Quality.PROVISIONAL], np.int32)
PART = UsagePart(
    987_654, np.array([120, 0, 1_035], np.int32), QUALITY, np.array([372, NO_SEN, 3_213])
)


def rows(written: BytesIO) -> list[Any]:
    sheet = openpyxl.load_workbook(written).active
    assert sheet.freeze_panes == "A2"
    return list(sheet.iter_rows(values_only=True))


def test_both_libraries_write_the_same_table() -> None:
    ours, theirs = BytesIO(), BytesIO()
    _ours(ours, [PART])
    _openpyxl(theirs, [PART])
    assert rows(ours) == rows(theirs)
    assert [row[2:4] for row in rows(ours)[1:]] == [(0.12, 3.72), (None, None), (1.035, 32.13)]
