#include "stores/redis/redis_command.hpp"

namespace troupe::internal {
namespace {

/// KEYS: what is due in a shard. ARGV: until, how many, and behind which due time (empty: from the start) and member.
/// Returns members and due times in turn, by due time and member; those behind `until` may be among them.
/// Members are compared byte by byte: Lua compares strings as the server's locale has it.
constexpr std::string_view scan_due_script = R"lua(
local key, count, due, behind = KEYS[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
if due == '' then return redis.call('ZRANGEBYSCORE', key, '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, count) end

local function is_behind(member)
  for i = 1, math.min(#member, #behind) do
    local a, b = string.byte(member, i), string.byte(behind, i)
    if a ~= b then return a > b end
  end
  return #member > #behind
end

local first = redis.call('ZCOUNT', key, '-inf', '(' .. due)
local last = redis.call('ZCOUNT', key, '-inf', due)
while first < last do
  local middle = math.floor((first + last) / 2)
  if is_behind(redis.call('ZRANGE', key, middle, middle)[1]) then last = middle else first = middle + 1 end
end
return redis.call('ZRANGE', key, first, first + count - 1, 'WITHSCORES')
)lua";

/// KEYS: an actor, and the entries of one of its logs. ARGV: name of the log, lowest and highest sequence, "down" or
/// "up", how many entries, how many bytes of their JSON. Returns the sequence of the first entry, then the entries.
/// Sequences are below 2^53, see `redis_sequence_max`.
constexpr std::string_view read_log_script = R"lua(
local name, from, to, direction = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local limit, bytes_max = tonumber(ARGV[5]), tonumber(ARGV[6])
local first, next
for log, a, b in string.gmatch(redis.call('HGET', KEYS[1], 'logs') or '', '([^ ]+) (%d+) (%d+) ') do
  if log == name then first, next = tonumber(a), tonumber(b) end
end
if not first then return {} end
local length = redis.call('LLEN', KEYS[2])
if length ~= next - first then
  return redis.error_reply(
    string.format('DAMAGED the list %s has %d entries, its actor says %.0f', KEYS[2], length, next - first))
end
local low, high = math.max(from, first), math.min(to, next - 1)
limit = math.min(limit, high - low + 1)
if limit <= 0 then return {} end

local page = {string.format('%.0f', direction == 'down' and high or low)}
local bytes, taken = 0, 0
while taken < limit do
  local count = math.min(limit - taken, 100)
  local begin = (direction == 'down' and high - taken - count + 1 or low + taken) - first
  local part = redis.call('LRANGE', KEYS[2], string.format('%.0f', begin), string.format('%.0f', begin + count - 1))
  for i = 1, count do
    local entry = part[direction == 'down' and #part - i + 1 or i]
    if not entry then return page end
    bytes = bytes + #entry - (string.find(entry, ' ', 1, true) or 0)
    if bytes > bytes_max and taken > 0 then return page end
    page[#page + 1] = entry
    taken = taken + 1
  end
end
return page
)lua";

/// KEYS: the values of an actor's items, and their names. ARGV: the range of the names as ZRANGEBYLEX takes it, how
/// many items, how many bytes of keys and JSON. Returns 1 where more come behind the last one, else 0; then names and
/// values in turn.
constexpr std::string_view read_items_script = R"lua(
local from, to, limit, bytes_max = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local page = {0}
local bytes, taken = 0, 0
while true do
  local names = redis.call('ZRANGEBYLEX', KEYS[2], from, to, 'LIMIT', taken, 100)
  if #names == 0 then return page end
  local values = redis.call('HMGET', KEYS[1], unpack(names))
  for i, name in ipairs(names) do
    local value = values[i] or ''
    local _, head = string.find(value, '^%d+ [%d.-]+ ')
    bytes = bytes + #name + #value - (head or 0)
    if taken == limit or (bytes > bytes_max and taken > 0) then
      page[1] = 1
      return page
    end
    page[#page + 1] = name
    page[#page + 1] = value
    taken = taken + 1
  end
end
)lua";

/// KEYS: a lease. ARGV: its epoch, to which it is raised where it is below.
constexpr std::string_view raise_lease_script = R"lua(
if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
return 1
)lua";

/// ARGV: a key that nobody has. Runs every command that the driver or a script of it runs, and leaves nothing behind.
/// Returns those that the user may not run or the server does not have, and why; empty: none.
/// Redis looks at that before anything else, so it is found where the write itself is refused for a while, too.
constexpr std::string_view rights_script = R"lua(
local key, refused, why = ARGV[1], {}, nil

local function try(command, ...)
  local done = redis.pcall(command, key, ...)
  local problem = type(done) == 'table' and done.err or ''
  for _, known in ipairs({'NOPERM', 'ACL failure', 'The user executing the script', 'nknown Redis command'}) do
    if string.find(problem, known, 1, true) then
      refused[#refused + 1] = command
      why = why or problem
      return
    end
  end
end

try('UNLINK')
if not why then
  try('EXISTS')
  try('TYPE')
  try('SET', '1')
  try('GET')
  try('INCR')
  redis.pcall('UNLINK', key)
  try('HSET', 'field', '1')
  try('HGET', 'field')
  try('HMGET', 'field')
  try('HGETALL')
  try('HDEL', 'field')
  redis.pcall('UNLINK', key)
  try('RPUSH', '1')
  try('LLEN')
  try('LRANGE', 0, -1)
  try('LTRIM', 0, -1)
  redis.pcall('UNLINK', key)
  try('ZADD', 0, 'a')
  try('ZSCORE', 'a')
  try('ZCOUNT', '-inf', '+inf')
  try('ZRANGE', 0, -1)
  try('ZRANGEBYSCORE', '-inf', '+inf')
  try('ZRANGEBYLEX', '-', '+')
  try('ZREM', 'b')
  try('ZREMRANGEBYRANK', 0, -1)
  redis.pcall('UNLINK', key)
end
return why and table.concat(refused, ', ') .. ' (' .. why .. ')' or ''
)lua";

}  // namespace

std::string_view text_of_rights_script() noexcept { return rights_script; }

std::string_view text_of(redis_script script) noexcept {
  switch (script) {
    case redis_script::scan_due:
      return scan_due_script;
    case redis_script::read_log:
      return read_log_script;
    case redis_script::read_items:
      return read_items_script;
    case redis_script::raise_lease:
      return raise_lease_script;
    default:
      return text_of_commit_script();
  }
}

}  // namespace troupe::internal
