# Vitrina behind Varnish, with hitch before it for TLS (hitch.conf): /etc/varnish/vitrina.vcl
# systemctl edit varnish: an empty ExecStart=, then an ExecStart= with -F and
#   varnishd -a :80 -a /run/varnish/tls.sock,PROXY,mode=666 -f /etc/varnish/vitrina.vcl -s malloc,256m -p http_max_hdr=256 -p http_req_hdr_len=32k -p http_resp_hdr_len=32k -p workspace_client=256k -p workspace_backend=256k -p pipe_timeout=3600
# Vitrina: listen = "127.0.0.1:8080", trusted = ["127.0.0.1"]; the shop: 10.0.0.5:8080.
vcl 4.1;

import directors;
import proxy;

probe alive {
    .request = "GET /_vitrina/health HTTP/1.1" "Host: www.your.shop" "Connection: close";
    .interval = 200ms;
    .timeout = 500ms;
    .window = 2;
    .threshold = 2;
    .initial = 2;
}

backend vitrina {
    .host = "127.0.0.1"; .port = "8080";
    .probe = alive;
    .connect_timeout = 2s;
    .first_byte_timeout = 600s;       # as Vitrina's limits.stall_timeout_s
    .between_bytes_timeout = 600s;
}

backend shop {
    .host = "10.0.0.5"; .port = "8080";
    .connect_timeout = 2s;
    .first_byte_timeout = 600s;
    .between_bytes_timeout = 600s;
}

sub vcl_init {
    new vitrina_then_shop = directors.fallback();
    vitrina_then_shop.add_backend(vitrina);
    vitrina_then_shop.add_backend(shop);
}

sub vcl_recv {
    if (!proxy.is_ssl()) {
        return (synth(308));
    }
    set req.backend_hint = vitrina_then_shop.backend();
    # What a visitor may have made up goes.
    unset req.http.Forwarded;
    set req.http.X-Forwarded-For = client.ip;
    set req.http.X-Forwarded-Proto = "https";
    set req.http.X-Forwarded-Host = req.http.Host;

    if (req.http.Upgrade ~ "(?i)^websocket$") {
        return (pipe);
    }
    if ((req.method == "GET" || req.method == "HEAD")
        && req.url ~ "(?i)^[^?]*\.(css|js|mjs|png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf)(\?.*)?$"
        && req.url !~ "^/_vitrina/") {
        unset req.http.Cookie;  # nobody's in particular: may be answered from the cache
        return (hash);
    }
    return (pass);              # pages are somebody's; Vitrina says so too (private, no-store)
}

sub vcl_pipe {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = "upgrade";
}

sub vcl_backend_fetch {
    if (bereq.retries > 0) {
        set bereq.backend = shop;
    }
}

sub vcl_backend_error {
    # The bypass until the probes have noticed. Anything else than GET and HEAD is never sent twice.
    if (bereq.retries == 0 && (bereq.method == "GET" || bereq.method == "HEAD")) {
        return (retry);
    }
}

sub vcl_synth {
    if (resp.status == 308) {
        set resp.http.Location = "https://" + req.http.Host + req.url;
        return (deliver);
    }
}
