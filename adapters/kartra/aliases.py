"""The columns of each kind of file, and the other headers accepted for them.

Source: kartra.md sections 1.2 (contacts), 2.1 (transactions), 3.1 and 3.2 (subscriptions), 4 (bookings), 5
(affiliates), 6.4 (the names of the API and of IPN, which collectors of events write as headers).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType

import msgspec

Aliases = Mapping[str, tuple[str, ...]]
"""Canonical column to the other headers accepted for it, all normalised."""

_EMAILS = ("email", "lead_email", "email_address", "e_mail")
_JOINED = ("date_created", "created", "joined", "date_added")
_BOTH_PARTIES = ("affiliate", "jv")

CONTACT_ALIASES: Aliases = MappingProxyType(
    {
        "id": ("lead_id", "contact_id"),
        "email": ("lead_email", "email_address", "e_mail"),
        "first_name": ("first", "lead_first_name"),
        "middle_name": (),
        "last_name": ("last", "surname", "lead_last_name"),
        "last_name2": (),
        "phone_country_code": ("phone_country", "country_code", "lead_phone_country_code"),
        "phone": ("phone_number", "lead_phone_number", "mobile"),
        "company": ("company_name",),
        "address": ("street",),
        "city": (),
        "state": ("region",),
        "zip": ("postcode", "postal_code"),
        "country": (),
        "date_joined": _JOINED,
        "ip": ("ip_address",),
        "ip_country": (),
        "website": ("url",),
        "facebook": (),
        "twitter": ("x",),
        "linkedin": (),
        "google_plus": (),
        "instagram": (),
        "sales_tax_id": ("vat", "tax_id"),
        "source": ("lead_source",),
        "score": ("points", "lead_score"),
        "lead_preferred_time_zone": ("timezone", "time_zone"),
        "blacklisted": ("blocked", "email_status", "status"),
        "gdpr_lead_status": ("gdpr_status", "gdpr"),
        "gdpr_lead_status_date": (),
        "gdpr_lead_status_ip": (),
        "gdpr_lead_communications": ("gdpr_communications",),
        "lists": ("lead_lists", "list", "subscribed_lists", "mailing_lists"),
        "tags": ("lead_tags", "tag", "assigned_tags"),
        "notes": ("note",),
        "referring_id": (),
        "lead_deleted": (),
        "lead_deleted_date": (),
    }
)

_TRANSACTION_ALIASES: Aliases = MappingProxyType(
    {
        "id": ("transaction_id", "order_id"),
        "transaction_type": ("type",),
        "date": ("transaction_date",),
        "product": ("product_name",),
        "price_point": ("product_price_point",),
        "quantity": ("transaction_quantity",),
        "seller_username": (),
        "buyer_username": ("lead_username",),
        "buyer_name": ("lead_name",),
        "buyer_company": (),
        "sales_tax_id": (),
        "buyer_email": _EMAILS,
        "buyer_country": ("lead_country",),
        "buyer_state": ("lead_state",),
        "buyer_city": ("lead_city",),
        "buyer_zip": ("lead_zip",),
        "buyer_address": ("lead_address",),
        "buyer_phone_country": ("lead_phone_country_code",),
        "buyer_phone": ("lead_phone_number",),
        "buyer_ip": (),
        "amount": ("transaction_full_amount", "transaction_amount"),
        "base_price": ("transaction_base_amount",),
        "sales_tax": ("transaction_tax",),
        "shipping_cost": ("transaction_shipping",),
        "coupon_code": ("coupon",),
        "coupon_discount": ("transaction_discount",),
        "revenue": (),
        **{f"{party}_username": (f"transaction_{party}", party) for party in _BOTH_PARTIES},
        **{f"{party}_{part}": () for party in _BOTH_PARTIES for part in ("name", "email", "revenue", "id")},
        "your_net_profit": ("net_profit",),
        "tracking_link": (),
        "trackingid1": ("tracking_id1", "tracking_id_1"),
        "trackingid2": ("tracking_id2", "tracking_id_2"),
        "landing_page": (),
        "processor": ("gateway",),
        "processor_transaction_id": (),
        "processor_subscription_id": (),
        "subscription_id": ("transaction_internal_subscription_id",),
        "lead_id": ("contact_id",),
        **{f"shipping_{part}": () for part in ("name", "address", "city", "zip", "country", "state")},
        "trial": (),
        "automatic_cancellation": (),
        "subscription_payment_number": ("transaction_subscription_pay_number",),
        "rebill_reattempt": (),
    }
)

_SUBSCRIPTION_ALIASES: Aliases = MappingProxyType(
    {
        "subscription_id": ("id",),
        "product": ("product_name",),
        "price_point": ("product_price_point", "subscription_price_point"),
        "recurrence_term": ("recurrence", "recurring_period", "subscription_recurring_period"),
        "status": ("subscription_status",),
        "buyer_name": ("lead_name", "name"),
        "buyer_email": _EMAILS,
        "lead_id": ("contact_id", "subscription_lead_id"),
        "start_date": ("subscription_start_date", "started", "started_at"),
        "end_date": ("subscription_end_date", "ended", "ended_at"),
        "payments_made": ("subscription_current_installment", "current_installment"),
        "next_payment_date": ("subscription_next_payment_date", "next_payment"),
        "next_payment_amount": ("subscription_next_scheduled_payment_amount", "next_scheduled_payment_amount"),
        "processor": ("gateway",),
        "affiliate_username": ("subscription_affiliate", "affiliate"),
        "affiliate_name": (),
        "affiliate_email": (),
    }
)

_BOOKING_ALIASES: Aliases = MappingProxyType(
    {
        "calendar_subscription_id": ("booking_id", "appointment_id"),
        "calendar_name": ("calendar",),
        "class_name": ("class",),
        "host": ("hosts", "host_name"),
        "lead_id": ("contact_id",),
        "first_name": CONTACT_ALIASES["first_name"],
        "last_name": CONTACT_ALIASES["last_name"],
        "email": CONTACT_ALIASES["email"],
        "phone": CONTACT_ALIASES["phone"],
        "event_date": ("date", "event_start"),
        "event_duration": ("duration",),
        "vendor_timezone": ("timezone", "time_zone", "vendor_time_zone"),
        "calendar_subscription_status": ("status", "booking_status"),
        "booked_on": ("booked_at", "date_booked", "booked"),
    }
)

_AFFILIATE_ALIASES: Aliases = MappingProxyType(
    {
        "affiliate": ("affiliate_name", "name"),
        "username": ("affiliate_username", "user_name"),
        "email": ("affiliate_email", "email_address", "e_mail"),
        "status": ("affiliate_status",),
        "products": (),
        "earned": ("total_earned",),
        "reserve": ("reserved",),
        "due": ("amount_due",),
        "paid": ("amount_paid",),
        "joined": ("date_joined", *_JOINED[:2], "date_added"),
    }
)


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How a CSV file of one kind looks.

    `identity` is the column without which no row of it can be placed, `marks` are columns that only this kind has,
    `money` those whose header may name a currency.
    """

    aliases: Aliases
    identity: str
    marks: AbstractSet[str] = frozenset()
    money: AbstractSet[str] = frozenset()


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "transactions": Layout(
            aliases=_TRANSACTION_ALIASES,
            identity="id",
            marks=frozenset(
                {
                    "transaction_type",
                    "seller_username",
                    "buyer_username",
                    "buyer_email",
                    "processor_transaction_id",
                    "your_net_profit",
                    "rebill_reattempt",
                    "subscription_payment_number",
                }
            ),
            money=frozenset(
                {
                    "amount",
                    "base_price",
                    "sales_tax",
                    "shipping_cost",
                    "coupon_discount",
                    "revenue",
                    "affiliate_revenue",
                    "jv_revenue",
                    "your_net_profit",
                }
            ),
        ),
        "subscriptions": Layout(
            aliases=_SUBSCRIPTION_ALIASES,
            identity="subscription_id",
            marks=frozenset(
                {
                    "subscription_id",
                    "subscription_status",
                    "recurrence_term",
                    "payments_made",
                    "next_payment_date",
                    "next_payment_amount",
                }
            ),
            money=frozenset({"next_payment_amount"}),
        ),
        "bookings": Layout(
            aliases=_BOOKING_ALIASES,
            identity="calendar_subscription_id",
            marks=frozenset(
                {"calendar_subscription_id", "calendar_name", "vendor_timezone", "calendar_subscription_status"}
            ),
        ),
        "affiliates": Layout(
            aliases=_AFFILIATE_ALIASES,
            identity="username",
            marks=frozenset({"affiliate", "earned", "reserve"}),
            money=frozenset({"earned", "reserve", "due", "paid"}),
        ),
        "contacts": Layout(aliases=CONTACT_ALIASES, identity="email"),
    }
)
"""The kinds of CSV files; where two fit a header equally well, the earlier one is taken, contacts before all."""
