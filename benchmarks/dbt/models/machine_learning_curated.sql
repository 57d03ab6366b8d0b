select a.timestamp, a.x, a.y, a.z, s.sensorReadingTime, s.serialNumber, s.distanceFromObject
from {{ ref("accelerometer_trusted") }} a
semi join {{ ref("customers_curated") }} c on a.user = c.email
join {{ ref("step_trainer_trusted") }} s on a.timestamp = s.sensorReadingTime
