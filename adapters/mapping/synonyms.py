"""What people call Kartra's columns in files they made or edited by hand, in a few languages.

Only for proposals: a file's own aliases are the reader's, and these are never taken without a person's word.
"""

from collections.abc import Mapping
from types import MappingProxyType

SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "address": ("adresse", "strasse", "direccion", "rue", "indirizzo"),
        "amount": ("betrag", "montant", "importe", "total"),
        "city": ("stadt", "ort", "ville", "ciudad", "town"),
        "company": ("firma", "unternehmen", "organisation", "organization", "entreprise", "societe", "empresa"),
        "country": ("land", "pays", "pais", "nation"),
        "coupon_code": ("gutschein", "voucher", "promo code", "discount code"),
        "date": ("datum", "fecha"),
        "date_joined": (
            "angemeldet am",
            "registriert am",
            "signup date",
            "subscribed at",
            "created at",
            "date inscription",
        ),
        "email": (
            "e mail adresse",
            "email adresse",
            "mail",
            "courriel",
            "correo",
            "correo electronico",
            "adresse mail",
        ),
        "event_date": ("termin", "appointment", "starts at"),
        "first_name": ("vorname", "prenom", "nombre", "given name", "forename"),
        "host": ("gastgeber", "coach", "organizer"),
        "last_name": ("nachname", "familienname", "nom", "nom de famille", "apellido", "family name"),
        "lists": ("listen", "listes", "listas", "groups"),
        "notes": ("notizen", "bemerkung", "bemerkungen", "remarks", "comments", "notas"),
        "phone": ("telefon", "telefonnummer", "handy", "mobil", "telephone", "tel", "telefono", "cell phone"),
        "product": ("produkt", "produit", "producto", "item"),
        "sales_tax_id": ("ust id", "umsatzsteuer id", "vat number", "tax number"),
        "score": ("punkte", "lead score"),
        "state": ("bundesland", "kanton", "province", "provincia", "county"),
        "status": ("zustand", "statut", "estado"),
        "tags": ("schlagworte", "etiketten", "labels", "etiquettes", "etiquetas"),
        "website": ("webseite", "homepage", "site web", "web"),
        "zip": ("plz", "postleitzahl", "code postal", "codigo postal", "post code"),
    }
)
"""Canonical column (of whichever kind has it) to other words for it, folded, words parted by blanks."""
