"""The currencies a cell of a Kartra export can name, by code and by sign."""

from collections.abc import Mapping
from types import MappingProxyType

_ISO_4217 = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""
_DOLLARS = "USD AUD BBD BMD BND BSD BZD CAD CLP COP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD TTD TWD"

CURRENCIES = frozenset(_ISO_4217.split())
"""The codes a cell may name. A header's code need not be one of them: Twenty stores any (FACTS section 5)."""

SIGNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "$": tuple(_DOLLARS.split()),
        "US$": ("USD",),
        "A$": ("AUD",),
        "AU$": ("AUD",),
        "C$": ("CAD",),
        "CA$": ("CAD",),
        "HK$": ("HKD",),
        "MX$": ("MXN",),
        "NZ$": ("NZD",),
        "R$": ("BRL",),
        "S$": ("SGD",),
        "€": ("EUR",),
        "£": ("GBP", "EGP", "FKP", "GIP", "SHP"),
        "¥": ("JPY", "CNY"),
        "₹": ("INR",),
        "₩": ("KRW",),
        "₪": ("ILS",),
        "₱": ("PHP",),
        "₺": ("TRY",),
        "₽": ("RUB",),
        "₴": ("UAH",),
        "₦": ("NGN",),
        "₫": ("VND",),
        "฿": ("THB",),
        "ZŁ": ("PLN",),
        "KČ": ("CZK",),
    }
)
"""What a sign may stand for: the currency a cell is otherwise read in if it is among them, else the first."""
