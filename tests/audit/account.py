"""The exports of a made-up account, small enough to count by hand. Names of people carry the mark `Secret`."""

from pathlib import Path

MARK = "secret"
"""Stands in every name, address, phone and note of a person here, and so must stand in no audit."""

_OLD = "contacts_all_01-03-2026_69a4ef5c4f5f6.csv"
_NEW = "contacts_vip_04-03-2026_69a8e3dc8ea76.csv"

FILES = {
    _OLD: """\
id,email,first_name,phone,company,date_joined,blacklisted,gdpr_lead_status,gdpr_lead_communications,tags,lists,notes,budget_band
1,ann.secret@x.org,AnnSecret,secret1,"Acme, Inc.",2021-03-01 10:00:00,0,2,1,VIP;Webinar 2021,News,secret note,1k-5k
2,bob.secret@x.org,BobSecret,,ACME Incorporated,2025-01-05 08:00:00,1,3,0,vip,News,,
3,cy.secret@x.org,CySecret,,Northwind Ltd,2020-02-02 00:00:00,0,2,1,,,,
4,,DiSecret,,,2020-02-02 00:00:00,,,,,,,
,no address secret,EdSecret,,,,,,,,,,
,,Nobody,,,,,,,,,,
5,fay.secret@x.org,FaySecret,,,not a date,0,2,1,VIP,,,
6,hal.secret@x.org,HalSecret,,,03 Mar 2019,0,3,,,,,
too,few,secret
""",
    _NEW: """\
E-mail,First Name,Company,Tags,Blacklisted
ANN.secret@x.org,AnnSecret,Acme Inc,"Form: Contact us, Leads",0
bob.secret@x.org,BobSecret,,Leads,
gus.secret@x.org,GusSecret,Northwinds,,
gus.secret@x.org,GusSecret,Acme GmbH,Leads,
""",
    "report_all_transactions.csv": """\
ID,Transaction_Type,Date,Product,Buyer_Email,Buyer_Company,Amount (USD),Affiliate_Username,lead_id,Tracking_link
101,Sale,2024-05-01 10:00:00,Course,ann.secret@x.org,,"1,000.10",partnerjo,1,t
102,Rebill,2025-05-01 10:00:00,Course,cy.secret@x.org,,0.20,N/A,,
103,Refund,2025-06-01 10:00:00,Course,,Sale Only AB,-0.10,,,
104,Partial refund,2025-06-02 10:00:00,Course,ANN.secret@x.org,,5.00,,,
105,Failed,2025-06-02 10:00:00,Course,who.secret@x.org,,77.00,,,
106,Sale,2025-02-30 10:00:00,Course,ann.secret@x.org,,1.00,,,
107,Sale,2025-02-28 10:00:00,Course,ann.secret@x.org,,much,,,
108,Sale,2025-02-28 10:00:00,Course,unknown.secret@x.org,,1.00,,,
,Sale,2025-02-28 10:00:00,Course,ann.secret@x.org,,1.00,,,
109,Wish,2025-02-28 10:00:00,Course,ann.secret@x.org,,1.00,,,
101,Sale,2024-05-01 10:00:00,Course,ann.secret@x.org,,"1,000.10",partnerjo,1,t
""",
    "report_eur.csv": """\
ID,Transaction_Type,Date,Product,Buyer_Email,Amount (EUR)
201,Sale,2025-05-01 10:00:00,Kurs,bob.secret@x.org,12.345678
""",
    "subscriptions.csv": """\
Subscription ID,Product,Recurrence_Term,Status,Buyer_Email,Start date,Next payment amount
9001,Course,Monthly,active,cy.secret@x.org,03 Mar 2020,$97.00
9002,Course,Monthly,Canceled,ann.secret@x.org,03 Mar 2020,N/A
9003,Course,Yearly,Active,stranger.secret@x.org,03 Mar 2020,$5.00
""",
    "bookings.csv": """\
calendar_subscription_id,calendar_name,class_name,lead_id,email,event_date,event_duration,calendar_subscription_status
31,Calls,Intro,1,,2026-03-11 09:00,30,Active
32,Calls,Intro,,bob.secret@x.org,16 Jan 2026 15:00,30,Completed
33,Calls,Intro,,bob.secret@x.org,never,30,Active
""",
    "affiliates.csv": """\
Affiliate,Username,Email,Status,Earned,Due,Joined
JoSecret,PartnerJo,jo.secret@x.org,Approved,"$1,204.50",$4.50,2025-06-01 10:00:00
GhostSecret,ghost,,Declined,,,
NoSecret,,,Declined,,,
""",
    "leads.jsonl": """\
{"lead_details": {"id": "1", "email": "ann.secret@x.org",\
 "tags": [{"tag_name": "VIP"}, {"tag_name": "Watched, video"}],\
 "lists": [{"list_name": "News", "active": "1"}, {"list_name": "Gone", "active": "0"}],\
 "sequences": [{"sequence_name": "Welcome", "step": "10", "status": "active"}],\
 "memberships": [{"membership_name": "Course", "level_name": "Gold", "active": "1"}]}}
{"lead_details": {"id": "2", "email": "bob.secret@x.org",\
 "sequences": [{"sequence_name": "Welcome", "step": "9", "status": "unsubscribed"}]}}
""",
    "sequences.json": '{"status": "Success", "account_sequences": ["Welcome", "Cart rescue"]}',
    "fields.json": '{"custom_fields": [{"field_identifier": "budget_band", "field_type": "drop_down"}]}',
    "stranger.csv": "some,thing\nelse,altogether\n",
}


def write_account(folder: Path) -> Path:
    """Write the exports into a folder, and return it."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
