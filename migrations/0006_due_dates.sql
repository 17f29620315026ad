-- Description: issues can have a date by which they are wanted
-- migrate:up timeout:30s lock-timeout:5s
ALTER TABLE issues ADD COLUMN due_on date;

-- migrate:down
ALTER TABLE issues DROP COLUMN due_on;
