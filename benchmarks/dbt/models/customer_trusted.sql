select * from {{ source("landing", "customer") }}
where shareWithResearchAsOfDate is not null
