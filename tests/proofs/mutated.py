"""The mutants: edits that break a proof, with the finding and its place, and edits that must not."""

from __future__ import annotations

from tests.proofs.mutants import (
    ASKED,
    CURATED,
    FILTER,
    LEARN,
    PARTS,
    READINGS,
    SERIAL,
    SERIALS,
    SHOP,
    SINCE,
    STEPS,
    USER,
    WHEN,
    Mutant,
    as_sql,
    before,
    filtered,
    readings,
    small,
    with_view,
)

CALLS_ASKED = (
    "t:\n  zone: asking\n  source: calls\n  join:\n    - semi: customers\n      on: who = id and share is not null"
)
CUSTOMERS_ASKED = "t:\n  zone: asking\n  source: customers\n  filter: share is not null"
SHARED_FROM = "(select * from customer_landing where sharewithresearchasofdate is not null)"
BROKEN = [
    # the filter that asks for the consent
    Mutant("no filter", FILTER, "source: customer_landing", "customer_trusted:"),
    filtered("another filter", "registrationdate is not null", "customer_trusted:"),
    filtered("consent to the public", "sharewithpublicasofdate is not null", "customer_trusted:"),
    filtered("consent to friends", "sharewithfriendsasofdate > 0", "customer_trusted:"),
    filtered("inverted", "sharewithresearchasofdate is null", "sharewith"),
    filtered("negated", f"not ({ASKED})", "not ("),
    filtered("twice negated and once more", f"not (not (not ({ASKED})))", "not ("),
    filtered("or a constant", f"{ASKED} or true", "sharewith"),
    filtered("or another consent", f"{ASKED} or sharewithpublicasofdate is not null", "sharewith"),
    filtered("or inside and", f"email is not null and ({ASKED} or phone = 'x')", "email is"),
    filtered("coalesced", "coalesce(sharewithresearchasofdate, 0) is not null", "coalesce"),
    filtered("coalesced with another", "coalesce(sharewithresearchasofdate, sharewithpublicasofdate) > 0", "coalesce"),
    filtered("in a case", f"case when {ASKED} then true else phone is null end", "case"),
    filtered("null-safe", "sharewithresearchasofdate <=> registrationdate", "sharewith"),
    filtered("a list with itself", "sharewithresearchasofdate in (sharewithresearchasofdate) or phone = 'x'", "share"),
    filtered("if, with null", "if(sharewithresearchasofdate is null, true, true)", "if("),
    filtered("is false", f"({ASKED}) is false", "("),
    filtered("a text of that name", "coalesce('sharewithresearchasofdate', phone) is not null", "customer_trusted:"),
    # the same, as a query
    as_sql("query without where", "select * from customer_landing", "customer_trusted:"),
    as_sql("query with or", f"select * from customer_landing where {ASKED} or phone is null", "sharewith"),
    as_sql("query: another consent", "select * from customer_landing where sharewithpublicasofdate > 0",
           "customer_trusted:"),
    as_sql("query: the consent renamed before",
           "select * from (select * except (sharewithresearchasofdate), sharewithpublicasofdate as "
           f"sharewithresearchasofdate from customer_landing) c where {ASKED}", f"{ASKED}\n"),
    as_sql("query: coalesced in a named query",
           "with c as (select * except (sharewithresearchasofdate), coalesce(sharewithresearchasofdate, "
           f"registrationdate) as sharewithresearchasofdate from customer_landing) select * from c where {ASKED}",
           f"{ASKED}\n"),
    as_sql("query: one branch unproven",
           f"select * from customer_landing where {ASKED} union all select * from customer_landing",
           "customer_trusted:"),
    as_sql("query: one branch of distinct union unproven",
           f"select * from customer_landing where phone = 'x' union select * from customer_landing where {ASKED}",
           "customer_trusted:"),
    as_sql("query: consent on the right of a left join",
           f"select c.* from customer_landing c left join {SHARED_FROM} d on c.email = d.email", "c.email"),
    as_sql("query: condition in a left join",
           "select c.* from customer_landing c left join customer_landing d on c.email = d.email and "
           "d.sharewithresearchasofdate is not null", "customer_trusted:"),
    as_sql("query: anti join with the consented",
           f"select c.* from customer_landing c left anti join {SHARED_FROM} d on c.email = d.email", "c.email"),
    as_sql("query: semi join on another column",
           f"select c.* from customer_landing c left semi join {SHARED_FROM} d on c.phone = d.phone", "c.phone"),
    as_sql("query: having a count",
           "select email, serialnumber, count(sharewithresearchasofdate) as n from customer_landing group by email, "
           "serialnumber "
           "having count(sharewithresearchasofdate) > 0", "customer_trusted:"),
    as_sql("query: largest consent",
           "select phone, serialnumber, email, n from (select phone, min(serialnumber) as serialnumber, min(email) as "
           "email, max(sharewithresearchasofdate) as n from customer_landing group by phone) c where n is not null",
           "customer_trusted:"),
    # the semi join of the readings
    readings("left join", "left: customer_trusted\n        on: user = email\n    select: [user, timestamp, x, y, z]",
           "user = email"),
    readings("anti join", "anti: customer_trusted\n        on: user = email", "user = email"),
    readings("lower case", "semi: customer_trusted\n        on: lower(user) = lower(email)", "lower(user)"),
    readings("one side lower", "semi: customer_trusted\n        on: user = lower(email)", "user = lower"),
    readings("null-safe join", "semi: customer_trusted\n        on: user <=> email", "user <=>"),
    readings("on phone", "semi: customer_trusted\n        on: user = phone", "user = phone"),
    readings("on another key", "semi: customer_trusted\n        on: user = serialnumber", "accelerometer_trusted:"),
    readings("on time", "semi: customer_trusted\n        on: timestamp = registrationdate", "timestamp = "),
    readings("or time", "semi: customer_trusted\n        on: user = email or timestamp = registrationdate", "user = "),
    readings("or null", "semi: customer_trusted\n        on: user = email or user is null", "user = "),
    readings("unequal", "semi: customer_trusted\n        on: user <> email", "user <>"),
    readings("prefix", "semi: customer_trusted\n        on: startswith(user, email)", "startswith"),
    readings("cast", "semi: customer_trusted\n        on: cast(user as string) = email", "cast"),
    readings("in a list", "semi: customer_trusted\n        on: user in (email, phone)", "user in"),
    readings("raw customers", "semi: customer_landing\n        on: user = email", "accelerometer_trusted:"),
    readings("raw customers, who know the public",
             "semi: customer_landing\n        on: user = email and sharewithpublicasofdate is not null",
             "accelerometer_trusted:"),
    readings("consent of the match for nothing",
             f"semi: customer_landing\n        on: timestamp = registrationdate and {ASKED}", "accelerometer_trusted:"),
    Mutant("no semi join", "    join:\n      - semi: customer_trusted\n        on: user = email\n", "",
           "accelerometer_trusted:"),
    Mutant("join moved to the filter", f"    join:\n      - {READINGS}\n",
           "    filter: user is not null and timestamp is not null\n", "accelerometer_trusted:"),
    Mutant("right side of a left join filtered", READINGS,
           "left: customer_trusted\n        on: user = email\n    filter: timestamp > 0 or email is not null\n    "
           "select: [user, timestamp, x, y, z]", "user = email"),
    Mutant("joined on time instead", STEPS,
           "semi: customers_curated\n        on: sensorreadingtime = registrationdate", "sensorreadingtime ="),
    # what the sources say
    Mutant("nobody identified", USER, "user: {type: string, pii: true}", "accelerometer_landing:", ("G002",)),
    Mutant("serial number of nobody", SERIALS, "{type: string, key: serialNumber}", "step_trainer_landing:", ("G002",)),
    Mutant("another key", USER, "user: {type: string, pii: true, identifies: customer.serialnumber}",
           "accelerometer_trusted:"),
    Mutant("another consent", WHEN, "when: sharewithpublicasofdate is not null", "customer_trusted:"),
    Mutant("more consent", WHEN, f"{WHEN} and sharewithpublicasofdate is not null", f"{ASKED}\n\n"),
    Mutant("later consent", WHEN, "when: sharewithresearchasofdate > 1655564400000", ASKED),
    # people who come in again
    Mutant("raw readings joined to the curated customers", CURATED,
           CURATED + "\n      - inner: accelerometer_landing\n        on: phone = accelerometer_landing.user\n    "
                  "drop: [user]",
           "customers_curated:"),
    readings("raw customers joined on time", f"{READINGS}\n      - inner: customer_landing\n        on: timestamp = "
             "registrationdate\n    select: [user, timestamp, x, y, z]", "accelerometer_trusted:"),
    Mutant("raw steps", "- inner: step_trainer_trusted", "- inner: step_trainer_landing", "machine_learning_curated:"),
    Mutant("raw steps on the left", "- inner: step_trainer_trusted", "- left: step_trainer_landing",
           "machine_learning_curated:"),
    Mutant("a window over everybody", "source: accelerometer_landing\n    join:\n      - " + READINGS,
           "sql: select a.user, a.timestamp, a.x, a.y, a.z from (select *, lag(x) over (partition by timestamp order "
           "by "
           "user) as before from accelerometer_landing) a left semi join customer_trusted c on a.user = c.email",
           "accelerometer_trusted:"),
    Mutant("averages of everybody", "source: accelerometer_landing\n    join:\n      - " + READINGS,
           "sql: select c.email as user, a.timestamp, a.x, a.x as y, a.x as z from (select timestamp, avg(x) as x from "
           "accelerometer_landing group by timestamp) a inner join customer_trusted c on c.registrationdate = "
           "a.timestamp",
           "c.registrationdate ="),
    with_view("coalesced in a view", "    source: customer_landing\n    add:\n      sharewithresearchasofdate: "
           "coalesce("
              "sharewithresearchasofdate, 0)\n", FILTER, f"source: v\n    filter: {ASKED}", f"{ASKED}\n\n  acc"),
    with_view("a view of all customers", "    source: customer_landing\n", READINGS,
              "semi: v\n        on: user = email", "accelerometer_trusted:"),
    with_view("unproven branch in a view", "    union: [customer_landing, w]\n  w:\n    view: true\n    "
              f"{FILTER}\n", READINGS, "semi: v\n        on: user = email", "accelerometer_trusted:"),
    with_view("people left out, in a view", "    source: customer_landing\n    join:\n      - anti: customer_trusted\n"
              "        on: customer_landing.email = customer_trusted.email\n", READINGS,
              "semi: v\n        on: user = email", "accelerometer_trusted:"),
    # the shop
    Mutant("shop: no where", "where c.marketing_since is not null", "where c.email is not null",
           "customers_to_write_to:",
           spec=SHOP),
    Mutant("shop: joined by the order's number", "on c.customer_id = s.customer_id", "on c.customer_id = s.orders",
           "customers_to_write_to:", spec=SHOP),
    Mutant("shop: key lost before the join", "group by customer_id\n", "group by status\n", "customer_id, count",
           ("A003",), spec=SHOP),
    Mutant("shop: whoever spends", "group by customer_id\n        having sum(amount) >= 20\n      )",
           "group by customer_id\n        union all select order_id, cast(1 as bigint) as n, cast(amount as "
           "decimal(20,2)) as t from orders_us\n      )",
           "customers_to_write_to:", spec=SHOP),
    Mutant("shop: orders in a zone that asks", "    zone: trusted\n    source: orders_everywhere",
           "    zone: marketing\n    source: orders_everywhere", "orders:", spec=SHOP),
    # data from before the consent
    before("since: time not compared", "on: user = email and timestamp >= sharewithresearchasofdate",
           "on: user = email"),
    before("since: the other way", "timestamp >= sharewith", "timestamp <= sharewith"),
    before("since: another moment", "timestamp >= sharewithresearchasofdate", "timestamp >= registrationdate"),
    before("since: the registry's own time", "timestamp >= sharewith", "registrationdate >= sharewith"),
    before("since: or", "and timestamp >= sharewith", "and timestamp > 0 or user = email and timestamp >= sharewith",
           "G001", "user = email and timestamp > 0 or"),
    before("since: no event time", "    event_time: timestamp\n", ""),
    before("since: another event time", "event_time: timestamp", "event_time: x"),
    before("since: raw readings of the same person", "- semi: accelerometer_trusted\n        on: email = user",
           "- {inner: accelerometer_landing, on: email = user, cardinality: one_to_many}\n    drop: [user]",
           at="customers_curated:"),
    before("since: one of two readings compared", "join:\n      - semi: accelerometer_trusted\n        on: email = "
           "user",
           "as: c\n    filter: a.timestamp >= c.sharewithresearchasofdate\n    join:\n"
           "      - {inner: accelerometer_landing, as: a, on: c.email = a.user, cardinality: many_to_many}\n"
           "      - {inner: accelerometer_landing, as: b, on: c.email = b.user, cardinality: many_to_many}\n"
           "    select: [c.email, c.serialnumber, b.x, c.sharewithresearchasofdate]", at="customers_curated:"),
]  # fmt: skip

PROVEN = [
    Mutant("nothing changed", FILTER, FILTER),
    Mutant("a redundant semi join deleted", LEARN, "- inner"),
    filtered("parentheses", f"(({ASKED}))"),
    filtered("doubly negated", "not (sharewithresearchasofdate is null)"),
    filtered("more conjuncts", f"phone is not null and ({ASKED} and email like '%@%')"),
    filtered("implied by a comparison", "sharewithresearchasofdate > 0"),
    filtered("implied by the other side", "0 < sharewithresearchasofdate"),
    filtered("implied by between", "sharewithresearchasofdate between 1 and 2000000000000"),
    filtered("implied by a list", "sharewithresearchasofdate in (1, 2)"),
    filtered("implied by a list, inverted", "not (sharewithresearchasofdate not in (1))"),
    filtered("implied by not being in a list", "sharewithresearchasofdate not in (1)"),
    filtered("implied by each of two", "sharewithresearchasofdate < 0 or 5 < sharewithresearchasofdate"),
    filtered("implied by an inequality", "sharewithresearchasofdate <> registrationdate"),
    readings("not unequal", "semi: customer_trusted\n        on: not (user <> email)", "not ("),
    filtered("with the table's name", "customer_landing.sharewithresearchasofdate is not null"),
    as_sql("query", f"select * from customer_landing where {ASKED}"),
    as_sql("query with a named query", f"with c as (select * from customer_landing where {ASKED}) select * from c"),
    as_sql("query in a query", f"select d.* from {SHARED_FROM} d where d.phone is not null"),
    as_sql("query: renamed and back", "select c.* except (agreed), c.agreed as sharewithresearchasofdate from (select "
           "* except "
           "(sharewithresearchasofdate), sharewithresearchasofdate as agreed from customer_landing) c where agreed is "
           "not null"),
    as_sql("query: both branches proven",
           f"select * from customer_landing where {ASKED} union select * from {SHARED_FROM} d where phone = 'x'"),
    as_sql("query: grouped by the person",
           f"select email, serialnumber, phone, max(sharewithresearchasofdate) as sharewithresearchasofdate, count(*) "
           f"as n "
           f"from customer_landing where {ASKED} group by email, serialnumber, phone"),
    as_sql("query: summed up after the filter",
           f"select email, serialnumber, count(*) over (partition by phone) as n from {SHARED_FROM} c"),
    as_sql("query: asked of one's own row",
           f"select c.* from customer_landing c inner join {SHARED_FROM} d on c.email = d.email where d.phone is not "
           f"null"),
    as_sql("query: left join made inner",
           f"select c.* from customer_landing c left join {SHARED_FROM} d on c.email = d.email where d.email is not "
           f"null"),
    as_sql("query: distinct",
           f"select distinct email, serialnumber, sharewithresearchasofdate from customer_landing where {ASKED}"),
    readings("swapped sides", "semi: customer_trusted\n        on: email = user"),
    readings("more conditions", "semi: customer_trusted\n        on: user = email and timestamp >= registrationdate"),
    readings("parentheses in a join", "semi: customer_trusted\n        on: ((user) = (email))"),
    readings("inner join", "inner: customer_trusted\n        on: user = email\n    select: [user, timestamp, x, y, z]"),
    readings("inner join, swapped", "inner: customer_trusted\n        on: email = user\n    select: [user, timestamp, "
           "x, y, z]"),
    readings("consent asked in the join", f"semi: customer_landing\n        on: user = email and {ASKED}"),
    readings("consent asked after the join",
             f"inner: customer_landing\n        on: user = email\n    filter: {ASKED}\n    select: [user, timestamp, "
             f"x, y, z]"),
    readings("left join and its match asked for",
             "left: customer_trusted\n        on: user = email\n    filter: email is not null\n    select: [user, "
             "timestamp, x, y, z]"),
    readings("twice", f"{READINGS}\n      - semi: customer_trusted\n        as: again\n        on: user = again.email"),
    readings("anti join besides", f"{READINGS}\n      - anti: customer_landing\n        on: user = phone"),
    with_view("a view in between", f"    {FILTER}\n    drop: [phone]\n", READINGS, "semi: v\n        on: user = email",
           ""),
    with_view("a union of proven tables", "    union: [customer_trusted, w]\n  w:\n    view: true\n"
              f"    {FILTER}\n", READINGS, "semi: v\n        on: user = email", ""),
    Mutant("semi join with the readings", STEPS, STEPS.replace(SERIAL, f"{SERIAL} and distancefromobject > 0")),
    small("a key of another whole type", CALLS_ASKED, caller="who: {type: int, identifies: customer.id}"),
    Mutant("shop: a left join from whoever agreed", "inner join spent s on", "left join spent s on", spec=SHOP),
    Mutant("shop: where before the join", "from customers c\n",
           "from (select * from customers where marketing_since is not "
           "null) c\n", spec=SHOP),
    Mutant("shop: condition in the join", "on c.customer_id = s.customer_id\n      where c.marketing_since is not null",
           "on c.customer_id = s.customer_id and c.marketing_since > date'2020-01-01'", spec=SHOP),
    Mutant("since: as written", "lake: stedi", "lake: stedi", spec=SINCE),
    Mutant("since: later", "timestamp >= sharewith", "timestamp > sharewith", spec=SINCE),
    Mutant("since: swapped sides", "timestamp >= sharewithresearchasofdate", "sharewithresearchasofdate <= timestamp",
           spec=SINCE),
    Mutant("since: of two readings, each compared", "- semi: accelerometer_trusted\n        on: email = user",
           "- {inner: accelerometer_trusted, on: email = user, cardinality: one_to_many}\n      - {inner: "
           "accelerometer_landing, as: b, on: email = b.user and b.timestamp >= sharewithresearchasofdate, "
           "cardinality: "
           "many_to_many}\n    select: [email, serialnumber, b.x, sharewithresearchasofdate]", spec=SINCE),
]  # fmt: skip

HOLES = [
    small("a key compared as a decimal", CALLS_ASKED, caller="who: {type: 'decimal(20,0)', identifies: customer.id}"),
    small("a consent in the time of a registry that mentions others", CUSTOMERS_ASKED, "share is not null\n",
          registry="path: c/\n    event_time: share", other="other: {type: bigint, identifies: customer.id}"),
    small("a time that is somebody else's key",
          "t:\n  zone: asking\n  source: calls\n  join:\n    - semi: customers\n      on: ts = sn and share is not "
          "null",
          caller=PARTS["caller"], time="ts: {type: bigint, identifies: customer.sn}, x: double"),
]  # fmt: skip
MIXED = [
    ("on a key", "inner: calls\n      on: id = who", []),
    ("on a key, sides swapped", "inner: calls\n      on: who = id", []),
    ("on a key and more", "left: calls\n      on: ts > share and who = id", []),
    ("left, on a key, sides swapped", "left: calls\n      on: who = id", []),
    ("full, on a key", "full: calls\n      on: id = who", []),
    ("full, on time", "full: calls\n      on: ts = share", ["G003", "J001"]),
    ("semi join on time", "semi: calls\n      on: ts = share", []),
    ("on time", "inner: calls\n      on: ts = share", ["G003", "J001"]),
    ("left, on time", "left: calls\n      on: ts = share", ["G003", "J001"]),
    ("on time, as it is meant", "{inner: calls, on: ts = share, cardinality: many_to_many, mixes_subjects: x}", []),
    ("on another column, unique on one side", "inner: calls\n      on: other = who", ["G003", "J001"]),
    ("with oneself", "inner: customers\n      as: again\n      on: customers.id = again.id\n  select: [again.id]", []),
    ("with others", "inner: customers\n      as: b\n      on: customers.id = b.other\n  select: [b.id]", ["G003"]),
    (
        "with what is left of a person after grouping",
        "inner: grouped\n      on: customers.id = n\n  select: [customers.id]",
        ["G003"],
    ),
]
