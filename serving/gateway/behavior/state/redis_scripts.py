"""Atomic operations of Redis, as Lua scripts.

Keys, below one prefix: `events:<user>` (sorted by time; members begin with
16 digits of arrival), `users` (by newest event), `seen` (digests by arrival),
`popularity:<counter>` (log weights), `counters` (by newest event),
`exposures` (by slate id), `exposure_order` (by arrival),
`exposures_of:<user>`, `items`, `item_order`, `profiles`, `profile_order`,
`documents`, `applied` (`<log>:<stream>`), `logs`, `forget:<log>`, `number`
(counts arrivals) and `format` (of all these).
"""

from schemas.events import UNDO
from serving.gateway.behavior.log.record_json import encode_event
from serving.gateway.behavior.log.record_json import encode_event_id
from serving.gateway.behavior.state.decayed_count import MIN_AGE
from serving.gateway.behavior.state.decayed_count import is_counted
from serving.gateway.behavior.state.decayed_count import name_counters
from serving.gateway.behavior.state.state_store import digest_event_id
from serving.gateway.records.event import Event

# ARGV: prefix, log:stream, previous, last, half-life, bounds of events per
# user, seen events, popular items and scenarios, and the event types that are
# counted, with commas around each; then per event user, digest, time, body,
# item ("" = not counted), the two counters and "". An `undo` has digest, item
# and counters of the event that it takes back, and at the end what
# stands in that event's body.
APPLY_EVENTS = """
local prefix = ARGV[1]
local applied = redis.call('HGET', prefix .. 'applied', ARGV[2]) or '0'
if applied ~= ARGV[3] then return 0 end
redis.call('HSET', prefix .. 'applied', ARGV[2], ARGV[4])
local half_life = tonumber(ARGV[5])

local function count(counter, item, time)
  local key = prefix .. 'popularity:' .. counter
  local new = time / half_life
  local known = redis.call('ZSCORE', key, item)
  if known then
    known = tonumber(known)
    local low, high = math.min(known, new), math.max(known, new)
    new = high + math.log(1 + 2 ^ (low - high)) / math.log(2)
  end
  redis.call('ZADD', key, string.format('%.17g', new), item)
  redis.call('ZREMRANGEBYRANK', key, 0, -tonumber(ARGV[8]) - 1)
  redis.call('ZADD', prefix .. 'counters', 'GT', time, counter)
end

local function uncount(counter, item, time)
  local key = prefix .. 'popularity:' .. counter
  local known = redis.call('ZSCORE', key, item)
  if not known then return end
  local age = tonumber(known) - time / half_life
  if age < MIN_AGE then
    redis.call('ZREM', key, item)
  else
    local rest = tonumber(known) + math.log(1 - 2 ^ -age) / math.log(2)
    redis.call('ZADD', key, string.format('%.17g', rest), item)
  end
end

local function take_back(at)
  local key = prefix .. 'events:' .. ARGV[at]
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if string.find(member, ARGV[at + 7], 1, true) then
      local time = tonumber(redis.call('ZSCORE', key, member))
      redis.call('ZREM', key, member)
      local kind = cjson.decode(string.sub(member, 17))['event_type']
      if string.find(ARGV[10], ',' .. kind .. ',', 1, true) then
        uncount(ARGV[at + 5], ARGV[at + 4], time)
        if ARGV[at + 6] ~= ARGV[at + 5] then
          uncount(ARGV[at + 6], ARGV[at + 4], time)
        end
      end
      return
    end
  end
end

for at = 11, #ARGV, 8 do
  local user, digest, time = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local number = redis.call('INCR', prefix .. 'number')
  local is_new =
    redis.call('ZADD', prefix .. 'seen', 'NX', number, digest) == 1
  if ARGV[at + 7] ~= '' then
    take_back(at)
  elseif is_new then
    local key = prefix .. 'events:' .. user
    local member = string.format('%016.0f', number) .. ARGV[at + 3]
    redis.call('ZADD', key, time, member)
    redis.call('ZREMRANGEBYRANK', key, 0, -tonumber(ARGV[6]) - 1)
    redis.call('ZADD', prefix .. 'users', 'GT', time, user)
    if ARGV[at + 4] ~= '' then
      count(ARGV[at + 5], ARGV[at + 4], tonumber(time))
      if ARGV[at + 6] ~= ARGV[at + 5] then
        count(ARGV[at + 6], ARGV[at + 4], tonumber(time))
      end
    end
  end
end
redis.call('ZREMRANGEBYRANK', prefix .. 'seen', 0, -tonumber(ARGV[7]) - 1)
local counters = prefix .. 'counters'
local surplus = redis.call('ZCARD', counters) - tonumber(ARGV[9])
if surplus > 0 then
  for _, counter in ipairs(redis.call('ZRANGE', counters, 0, surplus - 1)) do
    redis.call('DEL', prefix .. 'popularity:' .. counter)
  end
  redis.call('ZREMRANGEBYRANK', counters, 0, surplus - 1)
end
return 1
""".replace("MIN_AGE", repr(MIN_AGE))

# ARGV: prefix, log:stream, previous, last, bound; then per exposure slate id,
# user and body.
APPLY_EXPOSURES = """
local prefix = ARGV[1]
local applied = redis.call('HGET', prefix .. 'applied', ARGV[2]) or '0'
if applied ~= ARGV[3] then return 0 end
redis.call('HSET', prefix .. 'applied', ARGV[2], ARGV[4])
local bodies = prefix .. 'exposures'
local order = prefix .. 'exposure_order'

local function remove(slate)
  local body = redis.call('HGET', bodies, slate)
  if body then
    local is_read, record = pcall(cjson.decode, body)
    local user = is_read and type(record) == 'table' and record['user_id']
    if type(user) == 'string' then
      redis.call('SREM', prefix .. 'exposures_of:' .. user, slate)
    end
    redis.call('HDEL', bodies, slate)
  end
  redis.call('ZREM', order, slate)
end

for at = 6, #ARGV, 3 do
  local slate, user = ARGV[at], ARGV[at + 1]
  remove(slate)
  local number = redis.call('INCR', prefix .. 'number')
  redis.call('HSET', bodies, slate, ARGV[at + 2])
  redis.call('ZADD', order, number, slate)
  redis.call('SADD', prefix .. 'exposures_of:' .. user, slate)
end
local surplus = redis.call('ZCARD', order) - tonumber(ARGV[5])
if surplus > 0 then
  for _, slate in ipairs(redis.call('ZRANGE', order, 0, surplus - 1)) do
    remove(slate)
  end
end
return 1
"""

# ARGV: prefix, bound; then per item its id and body. Returns how many left.
PUT_ITEMS = """
local prefix = ARGV[1]
for at = 3, #ARGV - 1, 2 do
  local number = redis.call('INCR', prefix .. 'number')
  redis.call('HSET', prefix .. 'items', ARGV[at], ARGV[at + 1])
  redis.call('ZADD', prefix .. 'item_order', number, ARGV[at])
end
local surplus = redis.call('ZCARD', prefix .. 'item_order') - ARGV[2]
if surplus > 0 then
  local oldest = redis.call('ZRANGE', prefix .. 'item_order', 0, surplus - 1)
  for _, item in ipairs(oldest) do
    redis.call('HDEL', prefix .. 'items', item)
    redis.call('ZREM', prefix .. 'item_order', item)
  end
end
return math.max(surplus, 0)
"""

# ARGV: prefix, bound, one item's id and body, and the number that it must have,
# 0 = none. Returns how many left, or nothing where it has another.
REPLACE_ITEM = (
    """
local known = redis.call('ZSCORE', ARGV[1] .. 'item_order', ARGV[3])
if tonumber(known or 0) ~= tonumber(ARGV[5]) then return false end
"""
    + PUT_ITEMS
)

# ARGV: prefix, item. Returns the number that it was put with, and its body.
FIND_ITEM = """
local number = redis.call('ZSCORE', ARGV[1] .. 'item_order', ARGV[2])
return {tonumber(number or 0), redis.call('HGET', ARGV[1] .. 'items', ARGV[2])}
"""

# ARGV: prefix, "item" or "profile", number, most. Returns id, number and body
# by turns, of so many put after the number, those put last at the end.
LIST_PAGE = """
local bodies, order = ARGV[1] .. ARGV[2] .. 's', ARGV[1] .. ARGV[2] .. '_order'
local page = redis.call(
  'ZRANGEBYSCORE', order, '(' .. ARGV[3], '+inf',
  'WITHSCORES', 'LIMIT', 0, ARGV[4]
)
local found = {}
for at = 1, #page, 2 do
  found[#found + 1] = page[at]
  found[#found + 1] = page[at + 1]
  found[#found + 1] = redis.call('HGET', bodies, page[at])
end
return found
"""

# ARGV: prefix, bound; then per user the id and the profile, "" = none. Returns
# how many left for the bound.
PUT_PROFILES = """
local profiles, order = ARGV[1] .. 'profiles', ARGV[1] .. 'profile_order'
local function remove(user)
  redis.call('HDEL', profiles, user)
  redis.call('ZREM', order, user)
end
for at = 3, #ARGV, 2 do
  if ARGV[at + 1] == '' then
    remove(ARGV[at])
  else
    local number = redis.call('INCR', ARGV[1] .. 'number')
    redis.call('HSET', profiles, ARGV[at], ARGV[at + 1])
    redis.call('ZADD', order, number, ARGV[at])
  end
end
local surplus = redis.call('ZCARD', order) - ARGV[2]
if surplus > 0 then
  for _, user in ipairs(redis.call('ZRANGE', order, 0, surplus - 1)) do
    remove(user)
  end
end
return math.max(surplus, 0)
"""

# ARGV: prefix, name, new content and, if there is to be one, the known content.
REPLACE_DOCUMENT = """
local documents = ARGV[1] .. 'documents'
if redis.call('HGET', documents, ARGV[2]) ~= (ARGV[4] or false) then
  return 0
end
redis.call('HSET', documents, ARGV[2], ARGV[3])
return 1
"""

# ARGV: prefix, user, log that has forgotten the user already.
FORGET_USER = """
local prefix, user = ARGV[1], ARGV[2]
local removed = redis.call('ZCARD', prefix .. 'events:' .. user)
redis.call('DEL', prefix .. 'events:' .. user)
redis.call('ZREM', prefix .. 'users', user)
local slates = redis.call('SMEMBERS', prefix .. 'exposures_of:' .. user)
for _, slate in ipairs(slates) do
  redis.call('HDEL', prefix .. 'exposures', slate)
  redis.call('ZREM', prefix .. 'exposure_order', slate)
end
redis.call('DEL', prefix .. 'exposures_of:' .. user)
removed = removed + redis.call('HDEL', prefix .. 'profiles', user)
redis.call('ZREM', prefix .. 'profile_order', user)
for _, log in ipairs(redis.call('SMEMBERS', prefix .. 'logs')) do
  if log ~= ARGV[3] then
    redis.call('SADD', prefix .. 'forget:' .. log, user)
  end
end
return removed + #slates
"""


def list_arguments(event: Event, half_life: float) -> list[str | bytes]:
    """Lists what `APPLY_EVENTS` takes of one event."""
    is_undo = event.event_type == UNDO
    is_told = is_undo or is_counted(event)
    counters = name_counters(event.scenario, half_life)
    return [
        event.user_id.encode(),
        digest_event_id(event.text if is_undo else event.event_id),
        repr(float(event.timestamp)),
        encode_event(event),
        event.item_id.encode() if is_told else b"",
        counters[0].encode(),
        counters[-1].encode(),
        encode_event_id(event.text) if is_undo else b"",
    ]
