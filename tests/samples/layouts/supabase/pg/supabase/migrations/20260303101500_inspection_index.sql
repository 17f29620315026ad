CREATE INDEX inspection_hive_idx ON inspection (hive_id);
COMMENT ON INDEX inspection_hive_idx IS 'for the list; of a hive'
