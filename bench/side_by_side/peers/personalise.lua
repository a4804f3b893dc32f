-- The whole job in nginx: the visitor's profile by one GET, the click by one XADD in the same round trip, then a name,
-- an offer and another order of the records. Plain finds only, the body joined once: as fast as Lua does it.
local job = {}

local genres, positional = {}, { [0] = '<div class="record right">', '<div class="record left">' }
local WELCOME = '<p class="welcome">'
local OFFER = '<p class="offer">Por volver: 10 % de descuento con el c&#243;digo <a href="/shopping_cart.php">VUELVE10</a></p>\n'
local socket_path

function job.init(redis_socket, genres_file)
  socket_path = "unix:" .. redis_socket
  for line in io.lines(genres_file) do
    local number, genre = line:match("^(%d+) (.+)$")
    genres[number] = genre
  end
end

local function command(...)
  local parts, n = { "*" .. select("#", ...) .. "\r\n" }, 1
  for i = 1, select("#", ...) do
    local part = select(i, ...)
    n = n + 1
    parts[n] = "$" .. #part .. "\r\n" .. part .. "\r\n"
  end
  return table.concat(parts)
end

-- One line a profile: the name as it goes into the page, then genre=score pairs.
local function parse(text)
  local name, rest = text:match("^([^\n]*)\n(.*)$")
  local scores = {}
  for genre, score in rest:gmatch("([^=\n]+)=([%d.]+)") do
    scores[genre] = tonumber(score)
  end
  return { name = name, scores = scores }
end

function job.access()
  ngx.req.set_header("Accept-Encoding", "identity")
  local cookie = ngx.var.cookie_vitrina
  local redis = ngx.socket.tcp()
  redis:settimeout(20)
  if not redis:connect(socket_path) then return end
  local click = command("XADD", "clicks", "*", "v", cookie or "", "u", ngx.var.request_uri,
    "r", ngx.var.http_referer or "", "t", tostring(ngx.now()))
  redis:send(cookie and command("GET", "profile:" .. cookie) .. click or click)
  if cookie then
    local length = tonumber((redis:receive("*l") or "$-1"):sub(2))
    if length and length >= 0 then
      local text = redis:receive(length + 2)
      ngx.ctx.profile = text and parse(text:sub(1, -3))
    end
  end
  redis:receive(tonumber((redis:receive("*l") or "$-1"):sub(2)) + 2)
  redis:setkeepalive(60000, 128)
end

function job.header_filter()
  local kind = ngx.header.content_type
  if ngx.status == 200 and kind and kind:find("text/html", 1, true) then
    ngx.header.content_length = nil
    ngx.header.cache_control = "private, no-store"
    ngx.ctx.chunks = {}
  end
end

local function ordered(body, scores)
  local list = body:find('<div id="novedades">', 1, true)
  local at = list and body:find('<div class="record ', list, true)
  if not at then return body end
  local first, blocks, n = at, {}, 0
  while at do
    local stop = select(2, body:find("</form>\n</div>\n", at, true))
    local block = body:sub(at, stop)
    local number = block:match("products_id=(%d+)")
    n = n + 1
    blocks[n] = { block, scores[genres[number]] or 0, n }
    at = stop + 1
    if body:find('<div class="record ', at, true) ~= at then break end
  end
  blocks[1][2] = math.huge -- the first is pinned
  table.sort(blocks, function(a, b)
    if a[2] ~= b[2] then return a[2] > b[2] end
    return a[3] < b[3]
  end)
  local out = { body:sub(1, first - 1) }
  for i = 1, n do
    local block = blocks[i][1]
    out[i + 1] = positional[i % 2] .. block:sub(block:find(">", 1, true) + 1)
  end
  out[n + 2] = body:sub(at)
  return table.concat(out)
end

local function personalised(body, profile)
  local start, stop = body:find(WELCOME, 1, true)
  if start then
    local close = body:find("</p>", stop, true)
    local name = profile and profile.name or "de nuevo"
    body = body:sub(1, stop) .. "Hola, " .. name .. ", &#161;bienvenido!</p>\n" .. (profile and OFFER or "") ..
      body:sub(close + 4)
  end
  return profile and ordered(body, profile.scores) or body
end

function job.body_filter()
  local chunks = ngx.ctx.chunks
  if not chunks then return end
  chunks[#chunks + 1] = ngx.arg[1]
  if not ngx.arg[2] then
    ngx.arg[1] = nil
    return
  end
  ngx.arg[1] = personalised(table.concat(chunks), ngx.ctx.profile)
end

return job
