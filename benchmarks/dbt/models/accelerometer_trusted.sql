select a.*
from {{ source("landing", "accelerometer") }} a
semi join {{ ref("customer_trusted") }} c on a.user = c.email
