// The job as a Node service does it: undici towards the shop, parse5 to parse, change and serialise the page.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parse, parseFragment, serialize } from "parse5";
import { Pool } from "undici";

const { port, origin, names, scores, genres } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const shop = new Pool(`http://127.0.0.1:${origin}`, { connections: 128 });
const OFFER = '<p class="offer">Por volver: 10 % de descuento con el código <a href="/shopping_cart.php">VUELVE10</a></p>';

const attribute = (node, name) => node.attrs?.find((each) => each.name === name)?.value;
const hasClass = (node, name) => (attribute(node, "class") ?? "").split(" ").includes(name);

function find(node, test) {
  if (test(node)) return node;
  for (const child of node.childNodes ?? []) {
    const found = find(child, test);
    if (found) return found;
  }
  return undefined;
}

function reorder(list, taste) {
  const places = [];
  list.childNodes.forEach((node, at) => { if (node.attrs && hasClass(node, "record")) places.push(at); });
  const sides = places.map((at) => attribute(list.childNodes[at], "class"));
  const score = (node) => {
    const link = attribute(find(node, (each) => each.tagName === "a"), "href");
    return taste[genres[link.split("products_id=")[1]]] ?? 0;
  };
  const [first, ...rest] = places.map((at) => list.childNodes[at]);
  if (first === undefined) return;
  const sorted = [first, ...rest.map((node) => [score(node), node]).sort((a, b) => b[0] - a[0]).map(([, node]) => node)];
  sorted.forEach((node, at) => {
    node.attrs.find((each) => each.name === "class").value = sides[at];
    list.childNodes[places[at]] = node;
  });
}

function personalised(page, cookie) {
  const document = parse(page);
  const welcome = find(document, (node) => node.attrs && hasClass(node, "welcome"));
  const name = names[cookie];
  welcome.childNodes = [{ nodeName: "#text", value: `Hola, ${name ?? "de nuevo"}, ¡bienvenido!`, parentNode: welcome }];
  if (name !== undefined) {
    const siblings = welcome.parentNode.childNodes;
    siblings.splice(siblings.indexOf(welcome) + 1, 0, ...parseFragment(OFFER).childNodes);
    reorder(find(document, (node) => attribute(node, "id") === "novedades"), scores[cookie]);
  }
  return serialize(document);
}

createServer(async (request, response) => {
  const { statusCode, headers, body } = await shop.request({
    path: request.url, method: request.method, headers: { ...request.headers, "accept-encoding": "identity" },
  });
  if (!(headers["content-type"] ?? "").startsWith("text/html")) {
    response.writeHead(statusCode, headers);
    body.pipe(response);
    return;
  }
  const cookie = /(?:^|; )vitrina=([^;]*)/.exec(request.headers.cookie ?? "")?.[1];
  const page = Buffer.from(personalised(Buffer.from(await body.arrayBuffer()).toString("latin1"), cookie)
    .replace(/[^\x00-\xff]/g, (character) => `&#${character.codePointAt(0)};`), "latin1");
  response.writeHead(statusCode, { ...headers, "content-length": page.length, "cache-control": "private, no-store" });
  response.end(page);
}).listen(port, "127.0.0.1");
