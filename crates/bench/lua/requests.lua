-- Sends prepared requests. Usage: wrk -s requests.lua URL -- METHOD FILE once|again HEADER…
--
-- Each line of FILE is `path TAB body` and optionally `TAB authorization`. Each thread takes its own slice of the
-- lines. With `once` a thread stops at the end of its slice, so that no line is sent twice; with `again` it starts
-- over. All text is built before the clock starts, so that a request costs the sender one table look-up.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long sec; long usec; } bench_timeval;
  int gettimeofday(bench_timeval *now, void *zone);
]]

local function micros()
  local now = ffi.new("bench_timeval")
  ffi.C.gettimeofday(now, nil)
  return tonumber(now.sec) * 1000000 + tonumber(now.usec)
end

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
  -- From the environment, because a thread's init runs before the next thread is set up.
  thread:set("count", tonumber(os.getenv("BENCH_THREADS")))
end

function init(args)
  local method, file, mode = args[1], args[2], args[3]
  repeated = mode == "again"
  local headers = { "Host: bench", "Content-Type: application/json" }
  for i = 4, #args do headers[#headers + 1] = args[i] end
  local head = table.concat(headers, "\r\n")
  requests, at, started, ran_out = {}, 0, 0, 0
  local line_number = 0
  for line in io.lines(file) do
    if line_number % count == number then
      local path, body, authorization = line:match("^([^\t]*)\t([^\t]*)\t?(.*)$")
      local own = authorization ~= "" and ("\r\nAuthorization: " .. authorization) or ""
      local length = method == "GET" and "" or ("\r\nContent-Length: " .. #body)
      requests[#requests + 1] = method .. " " .. path .. " HTTP/1.1\r\n" .. head .. own .. length .. "\r\n\r\n" .. body
    end
    line_number = line_number + 1
  end
  collectgarbage("collect")
end

function request()
  if at == 0 and started == 0 then started = micros() end
  at = at + 1
  if at > #requests then
    if repeated then
      at = 1
    else
      if ran_out == 0 then ran_out = micros() end
      wrk.thread:stop()
      return "GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"
    end
  end
  return requests[at]
end

function done(summary, latency)
  local busy, short = summary.duration, 0
  for _, thread in ipairs(threads) do
    local out = thread:get("ran_out")
    if out > 0 then short = math.max(short, out - thread:get("started")) end
  end
  if short > 0 then busy = math.min(busy, short) end
  local errors = summary.errors
  io.write(string.format(
    'bench {"requests":%d,"micros":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d,"late":%d,"ran_out":%s}\n',
    summary.requests, busy, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write, errors.timeout, tostring(short > 0)))
end
