-- For wrk: sends the requests of a file in turn, and counts every answer that is not what it should be.
-- REQUESTS: the file, each request after its length on a line of its own. FIRST: which one to begin with.
-- EXPECTED: what every good answer holds.
local requests, next_one, expected = {}, 0, nil
local threads = {}
bad = 0

function setup(thread)
  table.insert(threads, thread)
end

function init()
  expected = os.getenv("EXPECTED")
  next_one = tonumber(os.getenv("FIRST"))
  local file = assert(io.open(os.getenv("REQUESTS"), "rb"))
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    table.insert(requests, file:read(length))
  end
  file:close()
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function response(status, headers, body)
  if status ~= 200 or body:find('"errors"', 1, true) or not body:find(expected, 1, true) then
    bad = bad + 1
    if bad == 1 then io.stderr:write(status, " ", body:sub(1, 500), "\n") end
  end
end

function done(summary, latency)
  local wrong, errors = 0, summary.errors
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("bad") end
  wrong = wrong + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('\n{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "wrong": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), wrong))
end
