-- Some rows of step_trainer_trusted.
SELECT *
FROM "step_trainer_trusted"
LIMIT 20
