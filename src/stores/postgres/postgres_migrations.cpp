#include "stores/postgres/postgres_migrations.hpp"

#include <algorithm>
#include <string_view>

namespace troupe::internal {
namespace {

// DOCUMENT stands for the type of what is JSON. Numbers without a sign of their own (versions, writers, epochs,
// streams) are kept as the same 64 bits. Names that may be any bytes are bytea, which is ordered bytewise and may hold
// NUL.
constexpr std::string_view tables = R"sql(
CREATE TABLE actor(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text COLLATE "C" NOT NULL,
  key bytea NOT NULL,
  version bigint NOT NULL,
  writer bigint NOT NULL,
  epoch bigint NOT NULL,
  next_due bigint,
  stream bigint,
  parts smallint NOT NULL,
  state DOCUMENT NOT NULL,
  schema text NOT NULL,
  apart text NOT NULL,
  reminders DOCUMENT NOT NULL,
  logs text NOT NULL,
  items_expire bigint
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX actor_by_key ON actor(type, key);
CREATE INDEX actor_by_due ON actor(next_due, type, key) WHERE next_due IS NOT NULL;

CREATE TABLE request(
  actor bigint NOT NULL,
  key bytea NOT NULL,
  reply DOCUMENT NOT NULL,
  at bigint NOT NULL,
  version bigint NOT NULL,
  nth bigint NOT NULL,
  PRIMARY KEY(actor, key)
);

CREATE TABLE message(
  actor bigint NOT NULL,
  sequence bigint NOT NULL,
  to_type text NOT NULL,
  to_key bytea NOT NULL,
  method bytea NOT NULL,
  arguments DOCUMENT NOT NULL,
  sent bigint NOT NULL,
  attempts bigint NOT NULL,
  not_before bigint NOT NULL,
  PRIMARY KEY(actor, sequence)
);

CREATE TABLE mark(
  actor bigint NOT NULL,
  from_type text COLLATE "C" NOT NULL,
  from_key bytea NOT NULL,
  stream bigint NOT NULL,
  sequence bigint NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY(actor, from_type, from_key)
) WITH (fillfactor = 70);

CREATE TABLE letter(
  actor bigint NOT NULL,
  id bigint NOT NULL,
  from_type text NOT NULL,
  from_key bytea NOT NULL,
  to_type text NOT NULL,
  to_key bytea NOT NULL,
  method bytea NOT NULL,
  arguments DOCUMENT NOT NULL,
  error bytea NOT NULL,
  attempts bigint NOT NULL,
  sent bigint NOT NULL,
  died bigint NOT NULL,
  PRIMARY KEY(actor, id)
);

CREATE TABLE cell(
  actor bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  schema bigint NOT NULL,
  coding smallint NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY(actor, name)
);

CREATE TABLE entry(
  actor bigint NOT NULL,
  log text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  at bigint NOT NULL,
  value DOCUMENT NOT NULL,
  PRIMARY KEY(actor, log, sequence)
);

CREATE TABLE item(
  actor bigint NOT NULL,
  key bytea NOT NULL,
  value DOCUMENT NOT NULL,
  version bigint NOT NULL,
  expires bigint,
  PRIMARY KEY(actor, key)
);

CREATE TABLE lease(
  host bytea PRIMARY KEY,
  epoch bigint NOT NULL
);

CREATE TABLE erasure(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  writer bigint NOT NULL,
  version bigint NOT NULL,
  actor_hash bigint NOT NULL
);
CREATE INDEX erasure_by_stamp ON erasure(writer, version);
)sql";

// A listing must not fail because of one row: what cannot be shown as asked for is shown as it is.
constexpr std::string_view views = R"sql(
CREATE FUNCTION readable(bytes bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN others THEN
  RETURN encode(bytes, 'escape');
END $$;

CREATE FUNCTION readable_json(document text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN nullif(document, '')::jsonb;
EXCEPTION WHEN others THEN
  RETURN to_jsonb(document);
END $$;

CREATE VIEW actors AS
SELECT type, readable(key) AS key, version, epoch, readable_json(STATE) AS state,
  readable_json(schema) AS schema, readable_json(REMINDERS) AS reminders,
  to_timestamp(next_due / 1000.0) AS next_due,
  (SELECT count(*) FROM request WHERE request.actor = actor.id) AS requests,
  (SELECT count(*) FROM message WHERE message.actor = actor.id) AS messages,
  (SELECT count(*) FROM letter WHERE letter.actor = actor.id) AS letters,
  readable_json(apart) AS apart, readable_json(logs) AS logs,
  (SELECT count(*) FROM item WHERE item.actor = actor.id) AS items
FROM actor;

CREATE VIEW cells AS
SELECT actor.type, readable(actor.key) AS key, name, cell.schema,
  CASE coding WHEN 0 THEN readable_json(readable(content)) END AS value, coding, length(content) AS bytes
FROM cell JOIN actor ON actor.id = cell.actor;

CREATE VIEW entries AS
SELECT actor.type, readable(actor.key) AS key, log, sequence, to_timestamp(at / 1000.0) AS at,
  readable_json(VALUE) AS value
FROM entry JOIN actor ON actor.id = entry.actor;

CREATE VIEW items AS
SELECT actor.type, readable(actor.key) AS key, readable(item.key) AS item, readable_json(VALUE) AS value,
  item.version, to_timestamp(expires / 1000.0) AS expires
FROM item JOIN actor ON actor.id = item.actor;

CREATE VIEW letters AS
SELECT actor.type, readable(actor.key) AS key, letter.id, from_type, readable(from_key) AS from_key,
  to_type, readable(to_key) AS to_key, readable(method) AS method,
  readable_json(ARGUMENTS) AS arguments, readable(error) AS error, attempts,
  to_timestamp(sent / 1000.0) AS sent, to_timestamp(died / 1000.0) AS died
FROM letter JOIN actor ON actor.id = letter.actor;
)sql";

// What format 2 added: rows that a commit leaves behind because they are too many for it.
constexpr std::string_view leftover_rows = R"sql(
CREATE TABLE leftover(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  actor bigint NOT NULL,
  log text COLLATE "C",
  first bigint,
  next bigint,
  key bytea
);
CREATE INDEX leftover_by_log ON leftover(actor, log);
ALTER TABLE actor ADD COLUMN items bigint;
-- Programs that know format 1 alone would lose items: their statements fail from here on.
ALTER TABLE item RENAME COLUMN actor TO owner;

CREATE OR REPLACE VIEW actors AS
SELECT type, readable(key) AS key, version, epoch, readable_json(STATE) AS state,
  readable_json(schema) AS schema, readable_json(REMINDERS) AS reminders,
  to_timestamp(next_due / 1000.0) AS next_due,
  (SELECT count(*) FROM request WHERE request.actor = actor.id) AS requests,
  (SELECT count(*) FROM message WHERE message.actor = actor.id) AS messages,
  (SELECT count(*) FROM letter WHERE letter.actor = actor.id) AS letters,
  readable_json(apart) AS apart, readable_json(logs) AS logs,
  (SELECT count(*) FROM item WHERE item.owner = coalesce(actor.items, actor.id)) AS items
FROM actor;

CREATE OR REPLACE VIEW entries AS
SELECT actor.type, readable(actor.key) AS key, log, sequence, to_timestamp(at / 1000.0) AS at,
  readable_json(VALUE) AS value
FROM entry JOIN actor ON actor.id = entry.actor
WHERE NOT EXISTS (SELECT 1 FROM leftover AS l
  WHERE l.actor = entry.actor AND l.log = entry.log AND entry.sequence < l.next);

CREATE OR REPLACE VIEW items AS
SELECT actor.type, readable(actor.key) AS key, readable(item.key) AS item, readable_json(VALUE) AS value,
  item.version, to_timestamp(expires / 1000.0) AS expires
FROM item JOIN actor ON coalesce(actor.items, actor.id) = item.owner;
)sql";

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace

std::vector<pg_migration> postgres_migrations(stores::postgres_state state) {
  const bool is_text = state != stores::postgres_state::bytea;
  std::string first(tables);
  replace_all(first, "DOCUMENT", is_text ? "text" : "bytea");
  const auto shown = [&](std::string_view sql) {
    std::string text(sql);
    replace_all(text, "STATE", is_text ? "state" : "readable(state)");
    replace_all(text, "REMINDERS", is_text ? "reminders" : "readable(reminders)");
    replace_all(text, "VALUE", is_text ? "value" : "readable(value)");
    replace_all(text, "ARGUMENTS", is_text ? "arguments" : "readable(arguments)");
    return text;
  };
  return {{1, first + shown(views)}, {2, shown(leftover_rows)}};
}

std::span<const pg_migration> migrations_behind(std::span<const pg_migration> all, std::uint32_t have) {
  const auto next = std::find_if(all.begin(), all.end(), [&](const pg_migration& step) { return step.format > have; });
  return {next, all.end()};
}

}  // namespace troupe::internal
