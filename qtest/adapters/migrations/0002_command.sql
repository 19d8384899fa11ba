-- What a run was of: `run` generates tests, `mutate` judges those there are.

ALTER TABLE generation_runs ADD COLUMN command VARCHAR DEFAULT 'run';
ALTER TABLE generation_runs ALTER COLUMN command SET NOT NULL;
