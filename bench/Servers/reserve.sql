CREATE TABLE pools (tenant text, pool_id text, available bigint NOT NULL, held bigint NOT NULL, version bigint NOT NULL, PRIMARY KEY (tenant, pool_id));
CREATE TABLE holds (tenant text, pool_id text, hold_id text, account_id text NOT NULL, state smallint NOT NULL, placed_at timestamptz NOT NULL, PRIMARY KEY (tenant, pool_id, hold_id));
CREATE TABLE journal (id bigserial PRIMARY KEY, tenant text NOT NULL, pool_id text NOT NULL, kind smallint NOT NULL, credits bigint NOT NULL, hold_id text NOT NULL,
  available bigint NOT NULL, held bigint NOT NULL, at timestamptz NOT NULL);

-- 0 placed, 1 the same hold again, 2 its id has other content, 3 no credit, 4 no such pool.
CREATE FUNCTION reserve(of_tenant text, of_pool text, of_hold text, of_account text, OUT outcome int, OUT left_over bigint, OUT as_of bigint) LANGUAGE plpgsql AS $$
DECLARE
  pool pools%ROWTYPE;
  known text;
BEGIN
  SELECT * INTO pool FROM pools WHERE tenant = of_tenant AND pool_id = of_pool FOR UPDATE;
  IF NOT FOUND THEN
    outcome := 4;
    RETURN;
  END IF;
  left_over := pool.available;
  as_of := pool.version;
  SELECT account_id INTO known FROM holds WHERE tenant = of_tenant AND pool_id = of_pool AND hold_id = of_hold;
  IF FOUND THEN
    outcome := CASE WHEN known = of_account THEN 1 ELSE 2 END;
    RETURN;
  END IF;
  IF pool.available = 0 THEN
    outcome := 3;
    RETURN;
  END IF;
  UPDATE pools SET available = available - 1, held = held + 1, version = version + 1 WHERE tenant = of_tenant AND pool_id = of_pool;
  INSERT INTO holds VALUES (of_tenant, of_pool, of_hold, of_account, 1, now());
  INSERT INTO journal (tenant, pool_id, kind, credits, hold_id, available, held, at) VALUES (of_tenant, of_pool, 3, 1, of_hold, pool.available - 1, pool.held + 1, now());
  outcome := 0;
  left_over := pool.available - 1;
  as_of := pool.version + 1;
END $$;
