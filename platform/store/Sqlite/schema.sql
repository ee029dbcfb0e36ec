CREATE TABLE IF NOT EXISTS store (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shard (
  shard INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL DEFAULT 0,
  offset_ms INTEGER NOT NULL DEFAULT 0,
  relay_cursor INTEGER NOT NULL DEFAULT 0,
  relay_owner TEXT,
  relay_until_ms INTEGER NOT NULL DEFAULT 0
);

-- listed is null where the partition is not to be listed, so that the index below holds nothing for it.
CREATE TABLE IF NOT EXISTS partition (key TEXT PRIMARY KEY, state BLOB NOT NULL, listed TEXT);
CREATE INDEX IF NOT EXISTS partition_listed ON partition (listed, key) WHERE listed IS NOT NULL;

CREATE TABLE IF NOT EXISTS record (partition TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (partition, key)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS journal (shard INTEGER, sequence INTEGER, partition TEXT NOT NULL, first_number INTEGER NOT NULL, batch BLOB NOT NULL, PRIMARY KEY (shard, sequence)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS journal_partition ON journal (partition, first_number);

-- Where a partition's journal begins, if its oldest batches were let go of: the last of them.
CREATE TABLE IF NOT EXISTS trim (partition TEXT PRIMARY KEY, shard INTEGER NOT NULL, number INTEGER NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS trim_sequence ON trim (shard, sequence);

-- lease_until_ms is 0 while nobody has claimed the entry.
CREATE TABLE IF NOT EXISTS due (
  partition TEXT,
  key TEXT,
  shard INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  priority INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  lease_until_ms INTEGER NOT NULL DEFAULT 0,
  payload BLOB NOT NULL,
  PRIMARY KEY (partition, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS due_free ON due (shard, priority, tenant, due_ms) WHERE lease_until_ms = 0;
CREATE INDEX IF NOT EXISTS due_time ON due (shard, due_ms) WHERE lease_until_ms = 0;
CREATE INDEX IF NOT EXISTS due_leased ON due (shard, lease_until_ms) WHERE lease_until_ms > 0;
