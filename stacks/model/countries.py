"""Countries as AWS names them: the two letters of ISO 3166-1, and XK for Kosovo.

The values of WAF's ``CountryCode``, which CloudFront's geo restriction has too; a test asks botocore.
https://docs.aws.amazon.com/waf/latest/APIReference/API_GeoMatchStatement.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from stacks.model.texts import Mistake, SingleValue
from stacks.values import positional_value

if TYPE_CHECKING:
    pass

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = tuple(_CODES.split())
_OTHER_NAMES = {"UK": "GB", "EN": "GB", "EL": "GR"}
"""Letters in use that ISO gives to no country, and what is meant."""


@positional_value
class _Country(SingleValue):
    def __call__(self, text: str, /) -> str:
        if text not in COUNTRIES:
            meant = _OTHER_NAMES.get(text.upper())
            meant = meant or (text.upper() if text.upper() in COUNTRIES else None)
            fix = f"Write {meant}" if meant else "Write its two letters of ISO 3166, as DE"
            raise Mistake(f"{text!r} is not a country", fix, "WAF-COUNTRY")
        return text

    @property
    def limits(self) -> dict[str, Any]:
        return {"enum": list(COUNTRIES)}


Country = Annotated[str, _Country()]
