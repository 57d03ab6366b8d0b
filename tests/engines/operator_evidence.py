"""Expressions without functions on which the engines must agree: operators, casts, literals, conditions."""

OPERATORS = [
    line
    for line in r"""
i + j
i - j
i * j
b + 1
b * 2
tiny + tiny
tiny + 1
small * small
i + b
dbl + 1
dbl * dbl2
f + f
f * i
f + dec
dec + 1
dec - half
dec * 2
dec * half
dec + i
dec + dbl
big + dec
i / j
b / 0
dbl / dbl2
dec / 3
dec / half
half / dec
big / half
i % j
b % 7
tiny % -1
i % -1
b % -1
dbl % 7
dec % half
dec % 0
dec + cast(null as int)
cast(123456.7890 as decimal(18,4)) * cast(98765.4321 as decimal(18,4))
cast('99999999999999.9999' as decimal(18,4)) * cast('-99999999999999.9999' as decimal(18,4))
cast('9999999999.9999' as decimal(14,4)) / cast('0.0001' as decimal(14,4))
cast('44444444444444444444.4444444444' as decimal(30,10)) / cast(id as decimal(1,0))
cast('0.999999999999999999' as decimal(18,18)) * cast('0.999999999999999999' as decimal(18,18))
cast(cast('0.999999999999999999' as decimal(18,18)) as int)
cast(cast('2147483647.9999999999' as decimal(20,10)) as int)
cast('99999999999999999999999999.99' as decimal(28,2)) + cast('0.1' as decimal(5,1))
i div j
b div 3
i div 0
-i
-b
-dec
-dbl
- (i + 1)
1 + 2 * 3
(1 + 2) * 3
10 - 4 - 3
2 * i % 5
1.5 + 1
0.1 + 0.2
1e3 + i
3000000000 + i
-9223372036854775808
-2147483648
1L + 1
2S + 3Y
1.5D * 2
2.5F * 2
i & j
b | 1
i ^ j
~i
~b
s || s2
s || 'x' || s2
s = s2
s <> 'a'
i = j
i <=> j
i <=> null
dbl = dbl
dbl = dbl2
dbl2 = 0
dbl > 1
dbl < 1
dbl >= dbl2
b = dbl
i = 42.0
i < dec
dec = 1.25
dec > half
dec = dbl
f = 0.1
f = dbl2
b > 9223372036854775806
s < 'b'
s >= s2
dt = dt2
dt < ts
ts >= ts2
ts > timestamp'2020-01-01 00:00:00'
dt = date'2024-02-29'
flag = true
flag
not flag
not flag and i > 0
flag or i > 0
flag and null
null or flag
not (flag or s = '')
flag is true
flag is not false
i > 0 is true
i is null
dbl is not null
i is distinct from j
i is not distinct from 42
i in (0, 42, 7)
i not in (0, 42)
b in (0, i)
s in ('', 'x', s2)
dec in (1.25, 2.5)
dbl in (1, 2.5)
i between 0 and 10
i not between 0 and 10
dec between half and 100
dt between date'2020-01-01' and dt2
s like '%o%'
s like 'A_C%'
s like 'AbC\\_100\\%'
s like '_é'
s like 'tab%'
s not like '%a%'
s ilike '%ABC%'
word ilike 'éc%'
s rlike '^[A-Z]'
s rlike 'l{2}|,'
s rlike '\\s'
s rlike 'line.$'
s rlike '^.{2}$'
s rlike r'\d+%$'
s rlike '[^a-z ]+'
word rlike '\\W'
word rlike '\\p{Lu}+'
num rlike '^[+-]?\\d+(\\.\\d+)?$'
case when i > 0 then 'p' when i = 0 then 'z' end
case s when '' then 'empty' when s2 then 'same' else 'x' end
case when flag then dec else i end
case when flag then 1 else 2.5 end
case i when 42 then dbl else f end
case when i > 0 then null else s end
case when dbl > 1 then tiny else b end
'a\'b'
'a\\b'
'\u00e9\t\n'
"dq"
r'raw\d'
true
date'2024-02-29'
timestamp'2024-02-29 12:34:56.789'
dt + interval 1 month
dt - interval 1 year
dt + interval 3 days
dt2 - interval 2 weeks
ts2 + interval 1 day
ts - interval 90 minutes
ts2 - interval 3 seconds
ts2 + interval -1 month
interval 2 hours + ts2
address.city
t.address.zip + 1
tags[0]
tags[5]
tags[-1]
nums[j]
nums[1] + 1
prices['a']
prices[s2]
prices['nope']
cast(i as string)
cast(b as string)
cast(dec as string)
cast(half as string)
cast(big as string)
cast(0.5 as string)
cast(flag as string)
cast(dt2 as string)
cast(ts as string)
cast(date_sub(date'0001-01-01', 1) as string)
cast(cast('12024-02-29' as date) as string)
cast(cast('-0100-02-28 10:00' as timestamp) as string)
date_format(cast('12024-02-29' as date), 'yyyy-MM-dd')
dt + interval 9000 years
ts2 - interval 9000 years
cast(ts2 as string)
cast(i as bigint)
cast(b as int)
cast(i as tinyint)
cast(i as double)
cast(b as double)
cast(b as float)
cast(i as decimal(10,2))
cast(b as decimal(20,0))
cast(i as boolean)
cast(b as boolean)
cast(flag as int)
cast(flag as double)
cast(flag as decimal(5,2))
cast(dbl as int)
cast(dbl as bigint)
cast(dbl2 as int)
cast(dbl as decimal(10,2))
cast(dbl2 as decimal(10,4))
cast(dbl as float)
cast(f as double)
cast(f as int)
cast(f as decimal(10,3))
cast(dec as int)
cast(big as bigint)
cast(big as tinyint)
cast(dec as double)
cast(big as double)
cast(dec as float)
cast(dec as decimal(5,1))
cast(big as decimal(10,2))
cast(dec as decimal(20,4))
cast(s as int)
cast(num as int)
cast(num as bigint)
cast(num as tinyint)
try_cast(num as int)
try_cast(num as double)
cast(num as double)
cast(num as float)
cast(num as decimal(10,2))
cast(num as decimal(38,2))
cast(num as boolean)
cast(s as boolean)
cast(dstr as date)
cast(tstr as date)
cast(num as date)
cast(dt as timestamp)
cast(ts as date)
cast(ts2 as date)
cast('1.005' as decimal(10,2))
cast(1.005 as decimal(10,2))
cast(null as int)
cast('.5' as int)
cast('.' as int)
cast('5.' as int)
cast('-.5' as int)
cast('1e3' as int)
cast('inf' as double)
cast('-Infinity' as double)
cast('NaN' as double)
cast('1d' as double)
cast('١٢' as int)
cast('１２' as bigint)
cast('١٢' as double)
cast('١٢.5' as decimal(10,2))
cast('１２' as decimal(5,0))
cast('٢٠٢٤-٠١-٠١' as date)
cast('２０２４-01-01 10:00' as timestamp)
cast('１' as boolean)
to_date('٢٠٢٤-٠١-٠١', 'yyyy-MM-dd')
'１２' rlike '^\\d+$'
cast('1_000' as int)
cast('1e400' as double)
cast('Yes' as boolean)
cast(' T ' as boolean)
cast('2024-1' as date)
cast('2024-02-29T10:00' as date)
cast('12024-02-29' as date)
cast('-2024-02-29' as date)
cast('-0001-02-28 10:00' as timestamp)
cast('+2024-02-29' as date)
0.05
100L
-5L
-tiny
-small
cast(tstr as timestamp)
cast(dstr as timestamp)
cast(num as timestamp)
cast('2024-02-29T12:34:56Z' as timestamp)
cast('2024-02-29 12:34:56.1234567' as timestamp)
cast('2024-02-29 12:34:56+01:00' as timestamp)
cast('2024-02-29 12:34:56-5:30' as timestamp)
cast('2024-02-29 1:2:3' as timestamp)
cast('2024-02-29T10' as timestamp)
cast('2024-02-29 10:61' as timestamp)
cast('2024-02-29 24:00:00' as timestamp)
cast('2024-02-29 12:34:56 UTC' as timestamp)
cast('2024-02' as timestamp)
cast('2024-02-29 12:34:56+01' as timestamp)
cast('2024-02-29 12:34:56+0100' as timestamp)
cast('2024-02-29 12:34:56+1' as timestamp)
cast('2024-02-29 12:34-01:30' as timestamp)
cast('2024-02-29 12:34:56+19:00' as timestamp)
cast('2024-02-29 12:34:56  Z' as timestamp)
cast('12:30' as timestamp)
cast('2024-02-29 12:34:56 Europe/Berlin' as timestamp)
cast('2024022' as date)
cast(' 2024-02-29 ' as timestamp)
cast('2024-02-29 ' as timestamp)
cast('2024-02-29 10:00:00 ' as timestamp)
cast('2024-02-29 10:00:00.' as timestamp)
s::int
(i + 1)::string
sum(i) + 1
sum(small) * 2
-max(i)
abs(min(i))
max(i) * count(*)
max(i) div 2
max(b) % count(*)
sum(dec) / 2
sum(cast('99999999999999999999999999999999999999' as decimal(38,0)))
sum(case when id < 3 then cast('44444444444444444444444444444444444444' as decimal(38,0)) end)
sum(case when id < 3 then cast('-4444444444444444444444444444.4444444444' as decimal(38,10)) end)
sum(distinct cast('-0.99999999999999999999999999999999999999' as decimal(38,38)))
sum(cast(id as decimal(30,2))) filter (where id > 99)
sum(cast('9999999999999999999999999999.9999999999' as decimal(38,10))) over (order by id)
sum(dec * dec * half)
avg(cast('99999999999999.9999999999' as decimal(24,10)))
sum(i) / count(*)
avg(dec) + 1
cast(max(num) as int)
cast(max(dstr) as date)
cast(max(tstr) as timestamp)
round(avg(dbl2), 2)
upper(max(s))
make_date(2000 + max(tiny), 1, 1)
max(dt) + interval 1 day
array_contains(sort_array(collect_set(i)), 3)
pmod(max(i), 7)
case when count(*) > 1 then sum(i) end
nullif(count(*), 0)
months_between(max(dt), min(dt))
date_format(max(ts2), 'yyyy-MM')
split(max(s), ',')[0]
to_date(max(dstr), 'yyyy-MM-dd')
max(s) like '%b%' and min(i) in (1, 2)
cast(max(f) as decimal(10,2))
power(max(dec), 2)
lag(i) over (order by id) + 1
i - lag(i) over (order by id)
-row_number() over (order by id)
cast(lag(num) over (order by id) as int)
sum(dec) over (order by id) / 3
avg(dec) over (order by id) * 2
round(avg(dbl2) over (partition by flag), 2)
coalesce(lag(i) over (order by id), 0)
cast(lag(dstr) over (order by id) as date)
case when row_number() over (order by id) = 1 then i else b end
datediff(dt, lag(dt) over (order by dt, id))
nullif(rank() over (order by id), 1)
""".strip().splitlines()
    if line
]
