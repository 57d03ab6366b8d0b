select c.*
from {{ ref("customer_trusted") }} c
semi join {{ ref("accelerometer_trusted") }} a on c.email = a.user
