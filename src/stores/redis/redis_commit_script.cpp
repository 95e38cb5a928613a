#include "stores/redis/redis_command.hpp"

namespace troupe::internal {
namespace {

/// KEYS: the actors, one for each record; then for each shard what is due, the index and the erasures.
/// ARGV: the number of records, then for each record
///   shard (from 0), what ("w": write, "e": erase), expected stamp (empty: none), next stamp, epoch, member of the
///   index; to erase: the name of the erasure, how many erasures a shard remembers; to write: due time ("=": unchanged,
///   empty: none), cells ("=": unchanged, else each with a space before it),
///             number of fields to delete, those, number of fields to set, those and their values.
/// Returns for each record 1 (applied), 2 (was applied before), "C" and the head that is held, or "E" and the error; or
/// an error, where nothing was written.
///
/// Stamps and epochs have 64 bits, numbers of Lua 53: they are compared as texts. A record's first write is the only
/// one that Redis may refuse (out of memory, a disk error, a replica): it is tried with pcall, and what comes behind it
/// cannot fail. What else may be wrong is looked at before: the types of the keys and the lengths of the logs here,
/// what the user may run in the greeting. And a server of a cluster that gives a slot away, or gets it, ends a script
/// at the first key of the slot that it does not have, which may be one that the script itself has removed: such a slot
/// is left alone. Two keys that nobody has tell of both sides: the one misses any key, the other one of several.
constexpr std::string_view commit_script = R"lua(
local records, lease = tonumber(ARGV[1]), ARGV[2]
local at = 3
local answers = {}
local shards = {}

if lease ~= '' then
  local taken = redis.pcall('GET', KEYS[#KEYS])
  if taken ~= lease then return 'L' .. (type(taken) == 'string' and taken or '0') end
end

local stay = redis.pcall('EXISTS', KEYS[records + 1] .. '/stays', KEYS[records + 1] .. '/here')
if type(stay) == 'table' then return redis.error_reply('TRYAGAIN the slot is being moved, or is not served now') end

local function take()
  at = at + 1
  return ARGV[at - 1]
end

local function take_list(width)
  local count = tonumber(take())
  local list = {first = at, last = at + count * width - 1}
  at = list.last + 1
  return list
end

local function take_logs()
  local count = take()
  if count == '=' then return nil end
  local logs = {}
  for n = 1, tonumber(count) do
    local name = take()
    local leave = take()
    logs[n] = {name = name, leave = leave, added = take_list(1)}
  end
  return logs
end

local function take_items()
  local how = take()
  if how == '=' then return nil end
  local erased = take_list(1)
  return {all_go = how == '*', erased = erased, set = take_list(2)}
end

local function damage(key, wanted)
  local found = redis.call('TYPE', key).ok
  if found ~= wanted and found ~= 'none' then return 'DAMAGED the key ' .. key .. ' is no ' .. wanted end
end

local function damage_of_shard(n)
  local known = shards[n]
  if known == nil then
    local first = records + 3 * n + 1
    known = damage(KEYS[first], 'zset') or damage(KEYS[first + 1], 'zset') or damage(KEYS[first + 2], 'zset') or false
    shards[n] = known
  end
  return known
end

local function is_less(a, b)
  if #a ~= #b then return #a < #b end
  local x, y = tonumber(string.sub(a, 1, 10)), tonumber(string.sub(b, 1, 10))
  if x ~= y or #a <= 10 then return x < y end
  return tonumber(string.sub(a, 11)) < tonumber(string.sub(b, 11))
end

local function in_parts(command, key, first, last)
  while first <= last do
    local stop = math.min(first + 3999, last)
    redis.call(command, key, unpack(ARGV, first, stop))
    first = stop + 1
  end
end

local function sibling(key, kind, name)
  local stem = string.find(key, '}:a:', 1, true)
  return string.sub(key, 1, stem + 1) .. kind .. string.sub(key, stem + 3) .. (name and '/' .. name or '')
end

local function lengths_of_logs(key)
  local lengths = {}
  for name, first, next in string.gmatch(redis.call('HGET', key, 'logs') or '', '([^ ]+) (%d+) (%d+) ') do
    lengths[name] = tonumber(next) - tonumber(first)
  end
  return lengths
end

local function erase(key, first_key, member, name, remembered, lengths)
  local done = redis.pcall('UNLINK', key)
  if type(done) == 'table' and done.err then return 'E' .. done.err end
  redis.call('UNLINK', sibling(key, 'i'), sibling(key, 'n'))
  for log in pairs(lengths) do redis.call('UNLINK', sibling(key, 'g', log)) end
  redis.call('ZREM', KEYS[first_key], member)
  redis.call('ZREM', KEYS[first_key + 1], member)
  local latest = redis.call('ZRANGE', KEYS[first_key + 2], -1, -1, 'WITHSCORES')
  redis.call('ZADD', KEYS[first_key + 2], (tonumber(latest[2]) or 0) + 1, name)
  redis.call('ZREMRANGEBYRANK', KEYS[first_key + 2], 0, -1 - remembered)
  return 1
end

local function damage_of_parts(key, logs, items, lengths)
  if logs then
    for _, log in ipairs(logs) do
      local list, wanted = sibling(key, 'g', log.name), lengths[log.name] or 0
      local length = redis.pcall('LLEN', list)
      if type(length) == 'table' then return 'DAMAGED the key ' .. list .. ' is no list' end
      if length ~= wanted then
        return string.format('DAMAGED the list %s has %d entries, its actor says %.0f', list, length, wanted)
      end
    end
  end
  return items and (damage(sibling(key, 'i'), 'hash') or damage(sibling(key, 'n'), 'zset'))
end

local function write_logs(key, logs, lengths)
  for _, log in ipairs(logs) do
    lengths[log.name] = nil
    local list = sibling(key, 'g', log.name)
    if log.leave ~= '0' then redis.call('LTRIM', list, log.leave, -1) end
    in_parts('RPUSH', list, log.added.first, log.added.last)
  end
  for log in pairs(lengths) do redis.call('UNLINK', sibling(key, 'g', log)) end
end

local function write_items(key, items)
  local values, names = sibling(key, 'i'), sibling(key, 'n')
  if items.all_go then redis.call('UNLINK', values, names) end
  in_parts('HDEL', values, items.erased.first, items.erased.last)
  in_parts('ZREM', names, items.erased.first, items.erased.last)
  in_parts('HSET', values, items.set.first, items.set.last)
  for i = items.set.first, items.set.last, 2 do redis.call('ZADD', names, 0, ARGV[i]) end
end

local function fields_of_cells_without(held, cells)
  local gone
  for cell in string.gmatch(held, '[^ ]+') do
    if not string.find(cells .. ' ', ' ' .. cell .. ' ', 1, true) then
      gone = gone or {}
      gone[#gone + 1] = 'c:' .. cell
    end
  end
  return gone
end

-- Fields to delete are ARGV[drop] to ARGV[set - 2], those to set with their values ARGV[set] to ARGV[last].
local function write(key, first_key, member, exists, head, due, gone, drop, set, last, logs, items,
                     lengths)
  local stop = last < set + 3998 and last or set + 3997
  local done = redis.pcall('HSET', key, 'head', head, unpack(ARGV, set, stop))
  if type(done) == 'table' and done.err then return 'E' .. done.err end
  in_parts('HSET', key, stop + 1, last)
  in_parts('HDEL', key, drop, set - 2)
  if gone then
    for _, field in ipairs(gone) do redis.call('HDEL', key, field) end
  end
  if not exists then redis.call('ZADD', KEYS[first_key + 1], 0, member) end
  if due == '' then
    if exists then redis.call('ZREM', KEYS[first_key], member) end
  elseif due ~= '=' then
    redis.call('ZADD', KEYS[first_key], due, member)
  end
  if logs then write_logs(key, logs, lengths) end
  if items then write_items(key, items) end
  return 1
end

for i = 1, records do
  local key = KEYS[i]
  local shard, what, expected, next_stamp, epoch, member = unpack(ARGV, at, at + 5)
  local erasing = what == 'e'
  shard = tonumber(shard)
  at = at + 6
  local due, cells, drop, set, last, logs, items, name, remembered
  if erasing then
    name = take()
    remembered = tonumber(take())
  else
    due, cells = ARGV[at], ARGV[at + 1]
    drop = at + 3
    set = drop + ARGV[at + 2] + 1
    last = set + 2 * ARGV[set - 1] - 1
    at = last + 1
    logs = take_logs()
    items = take_items()
  end

  local first_key = records + 3 * shard + 1
  local bad = damage_of_shard(shard)
  local head = redis.pcall('HGET', key, 'head')
  local stamp, held_epoch, held_cells, lengths
  if type(head) == 'table' then
    bad = 'DAMAGED the key ' .. key .. ' is no hash'
  elseif head then
    stamp, held_epoch, held_cells = string.match(head, '^(%d+ %d+) (%d+)(.*)$')
    if not stamp then bad = 'DAMAGED the field head of ' .. key .. ' is not what the format says' end
  elseif not bad and not erasing and expected == '' and redis.call('EXISTS', key) == 1 then
    bad = 'DAMAGED the hash ' .. key .. ' has no field head'
  end
  if not bad and (logs or items or erasing) then
    lengths = stamp and (logs or erasing) and lengths_of_logs(key) or {}
    bad = damage_of_parts(key, logs, items, lengths)
  end

  local answer
  if bad then
    answer = 'E' .. bad
  elseif stamp == next_stamp then
    answer = 2
  elseif not stamp and erasing and redis.call('ZSCORE', KEYS[first_key + 2], name) then
    answer = 2
  elseif (stamp or '') ~= expected or (stamp and epoch ~= held_epoch and is_less(epoch, held_epoch)) then
    answer = 'C' .. (head or '')
  elseif erasing then
    answer = erase(key, first_key, member, name, remembered, lengths)
  else
    local gone
    if cells == '=' then
      cells = held_cells or ''
    elseif held_cells and held_cells ~= '' and held_cells ~= cells then
      gone = fields_of_cells_without(held_cells, cells)
    end
    local new_head = next_stamp .. ' ' .. epoch .. cells
    answer = write(key, first_key, member, stamp ~= nil, new_head, due, gone, drop, set, last, logs, items,
                   lengths)
  end
  -- It is one for all of this server, and has refused the first write of all.
  if answer ~= 1 and answer ~= 2 and string.find(answer, '^E%-?READONLY') then
    return redis.error_reply('READONLY the server is a replica')
  end
  answers[i] = answer
end
return answers
)lua";

}  // namespace

std::string_view text_of_commit_script() noexcept { return commit_script; }

}  // namespace troupe::internal
