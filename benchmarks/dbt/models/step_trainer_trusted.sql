select s.*
from {{ source("landing", "step_trainer") }} s
semi join {{ ref("customers_curated") }} c on s.serialNumber = c.serialNumber
