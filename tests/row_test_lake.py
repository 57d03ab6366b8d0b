"""A lake with columns of every type, and rows for its tests."""

LAKE = """\
version: 1
lake: shop
zones: {landing: {}, trusted: {}}
sources:
  people:
    path: people/
    columns:
      id: bigint
      email: {type: string, pii: true}
      joined: date
      spent: decimal(10,2)
      address: struct<City:string,zip:struct<a:int,b:string>>
      tags: array<string>
      scores: map<string,decimal(5,2)>
      at: timestamp
      ok: boolean
      share: double
      raw: binary
      small: tinyint
      ratio: float
  orders:
    path: orders/
    columns: {order_id: bigint, person: bigint, amount: double}
tables:
  rich:
    zone: trusted
    source: people
    filter: spent > 10 and joined < current_date()
    expect:
      - not_null: id
      - unique: id
      - {name: has a mail, sql: email is not null, severity: warn}
  matched:
    view: true
    source: rich
    join: [{inner: orders, on: rich.id = orders.person}]
    select: [rich.id, email, amount, address]
    expect:
      - {name: paid, sql: amount > 0}
  totals:
    zone: trusted
    source: matched
    group_by: id
    aggregate: {n: count(*), amount: sum(amount)}
    expect:
      - {name: knows them, references: {id: people.id}}
tests:
"""
GIVEN = """\
    now: 2026-01-31
    given:
      people:
        - {id: 1, spent: 10.01, joined: 2026-01-30, email: a@x}
        - {id: 2, spent: 50, joined: 2026-01-30, email: b@x}
        - {id: 3, spent: 50, joined: 2026-01-31}
        - {id: 4, joined: 2026-01-01}
      orders:
        - {order_id: 1, person: 1, amount: 0.1}
        - {order_id: 2, person: 1, amount: 0.2}
        - {order_id: 3, person: 3, amount: 5}
"""
NESTED = """\
    now: 2026-01-31
    given:
      people:
        - id: 1
          spent: 99999999.99
          joined: 2024-02-29
          email: "it's {\\"a\\": 1}, é\\n"
          address: {city: X, zip: {b: ''}}
          tags: [a, null, '', 'null']
          scores: {a: 1.50, 'b c': null}
          at: 2026-01-30T01:02:03.123456+02:00
          ok: true
          share: -.inf
          raw: AP8=
          small: -128
          ratio: 0.1
        - {id: 2, spent: 11, joined: 2024-02-29, tags: [], scores: {}, address: {}, share: nan, ok: false, raw: ''}
"""
