-- Some rows of accelerometer_trusted.
SELECT *
FROM "accelerometer_trusted"
LIMIT 20
