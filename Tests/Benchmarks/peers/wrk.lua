-- The first line of a file, posted by wrk for as long as it runs: wrk -s wrk.lua URL -- FILE

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*l")
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer bench.token.one"
  wrk.headers["Idempotency-Key"] = "01900000-0000-7000-8000-000000000000"
  file:close()
end
